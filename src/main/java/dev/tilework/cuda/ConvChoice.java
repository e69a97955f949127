package dev.tilework.cuda;

import dev.tilework.Precision;
import dev.tilework.kernels.ConvGeometry;
import dev.tilework.kernels.ConvOp;
import java.util.Locale;

/**
 * Which kernel a convolution uses: a function of its geometry and the precision alone. {@code
 * -Dtilework.conv=direct|depthwise|cudnn} forces one wherever it fits ({@code direct} fits
 * everything), {@code -Dtilework.log=choices} logs each choice.
 */
enum ConvChoice {
  /** An implicit matrix product; see {@link Convolutions}. */
  DIRECT,
  /** See {@link Depthwise}. */
  DEPTHWISE,
  /** NVIDIA's library, only where it is asked for; see {@link Cudnn}. */
  CUDNN;

  private static final ConvChoice FORCED = forced(System.getProperty("tilework.conv"));

  /** The choice of a name, or null where there is none of that name. */
  static ConvChoice forced(String name) {
    if (name == null) {
      return null;
    }
    try {
      return valueOf(name.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      Log.info("the cuda device has no convolution kernel '" + name + "'; it chooses itself");
      return null;
    }
  }

  /** The choice for a convolution or one of its gradients. */
  static ConvChoice of(ConvOp op, Precision p) {
    ConvChoice c = of(op.geometry(), p, FORCED);
    if (FORCED != null && FORCED != c) {
      Log.choice(
          () -> op.name() + " " + op.geometry() + " in " + p + ": " + FORCED + " does not fit");
    }
    return c;
  }

  /** The choice where one is forced, or null is. */
  static ConvChoice of(ConvGeometry g, Precision p, ConvChoice forced) {
    if (forced != null && forced.fits(g, p)) {
      return forced;
    }
    return DEPTHWISE.fits(g, p) ? DEPTHWISE : DIRECT;
  }

  private boolean fits(ConvGeometry g, Precision p) {
    return switch (this) {
      case DIRECT -> true;
      case DEPTHWISE -> g.depthwise();
      case CUDNN -> CudnnCall.fits(g, p);
    };
  }
}
