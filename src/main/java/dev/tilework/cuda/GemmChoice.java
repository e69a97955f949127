package dev.tilework.cuda;

import dev.tilework.Precision;
import java.util.Locale;

/**
 * Which kernel a matrix product uses. {@code -Dtilework.gemm=cublas} takes NVIDIA's library
 * wherever it fits, {@code -Dtilework.log=choices} logs each choice.
 */
enum GemmChoice {
  /** See {@link Gemm}. */
  TILED,
  /** NVIDIA's library, only where it is asked for; see {@link Cublas}. */
  CUBLAS;

  private static final GemmChoice FORCED = forced(System.getProperty("tilework.gemm"));

  /** The choice of a name, or null where there is none of that name. */
  static GemmChoice forced(String name) {
    if (name == null) {
      return null;
    }
    try {
      return valueOf(name.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      Log.info("the cuda device has no matrix product '" + name + "'; it takes its own");
      return null;
    }
  }

  static GemmChoice of(Precision p) {
    return of(p, FORCED);
  }

  /** The choice where one is forced, or null is. */
  static GemmChoice of(Precision p, GemmChoice forced) {
    boolean offered = p == Precision.FP32 || p == Precision.TF32;
    return forced == CUBLAS && offered ? CUBLAS : TILED;
  }
}
