package dev.tilework.opencl;

import dev.tilework.kernels.ConvGeometry;
import java.util.Locale;

/**
 * Which kernel a convolution uses: a function of its geometry and the device's profile alone.
 * {@code -Dtilework.conv=direct|pointwise|winograd|depthwise|few_channels} forces one wherever it
 * fits ({@code direct} fits everything and is the most exact), {@code -Dtilework.log=choices} logs
 * each choice.
 */
enum ConvChoice {
  /** An implicit matrix product that gathers the pixels under each kernel position. */
  DIRECT,
  /** 1x1 with stride 1: a matrix product on the images as they are. */
  POINTWISE,
  /** See {@link Winograd}. */
  WINOGRAD,
  /** See {@link Depthwise}. */
  DEPTHWISE,
  /** Few channels: the pixels under a kernel row are read as one piece of memory. */
  FEW_CHANNELS;

  private static final int FEW = 4;

  /** Below so much work, Winograd's three launches take longer than it saves. */
  private static final long LAUNCHES_FLOPS = 16_000_000;

  /**
   * Channels and filters from which Winograd's transforms, bound by memory, cost less than the
   * multiplications they save. Each pixel's 2.25 numbers a channel are written and read again; a
   * GPU does some 20 multiply-adds while it moves a number, a processor has them in its cache.
   */
  private static final int DEEP_ON_A_CPU = 16;

  private static final int DEEP_ON_A_GPU = 64;

  private static final System.Logger LOG = System.getLogger("dev.tilework.opencl");
  private static final ConvChoice FORCED = forced(System.getProperty("tilework.conv"));
  private static final boolean LOGGED = "choices".equals(System.getProperty("tilework.log"));

  /** What is computed. */
  enum Pass {
    FORWARD,
    DATA_GRAD,
    WEIGHT_GRAD
  }

  private static ConvChoice forced(String name) {
    if (name == null) {
      return null;
    }
    try {
      return valueOf(name.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      LOG.log(
          System.Logger.Level.INFO,
          "the opencl device has no convolution kernel ''{0}''; it chooses itself",
          name);
      return null;
    }
  }

  static ConvChoice of(ConvGeometry g, Pass pass, Profile profile) {
    ConvChoice c =
        FORCED != null && FORCED.fits(g, pass, profile) ? FORCED : choose(g, pass, profile);
    if (LOGGED) {
      LOG.log(System.Logger.Level.INFO, "conv2d {0} {1} ({2}): {3}", pass, g, profile, c);
    }
    return c;
  }

  private static ConvChoice choose(ConvGeometry g, Pass pass, Profile profile) {
    if (DEPTHWISE.fits(g, pass, profile)) {
      return DEPTHWISE;
    }
    if (POINTWISE.fits(g, pass, profile)) {
      return POINTWISE;
    }
    if (FEW_CHANNELS.fits(g, pass, profile)) {
      return FEW_CHANNELS;
    }
    boolean tiles = g.outH() >= 4 && g.outW() >= 4;
    int least = profile == Profile.CPU ? DEEP_ON_A_CPU : DEEP_ON_A_GPU;
    boolean deep = g.c() >= least && g.o() >= least;
    boolean worthwhile = tiles && deep && g.flops() >= LAUNCHES_FLOPS;
    return WINOGRAD.fits(g, pass, profile) && worthwhile ? WINOGRAD : DIRECT;
  }

  private boolean fits(ConvGeometry g, Pass pass, Profile profile) {
    return switch (this) {
      case DIRECT -> true;
      case POINTWISE ->
          g.kernelH() == 1
              && g.kernelW() == 1
              && g.strideH() == 1
              && g.strideW() == 1
              && g.padTop() + g.padLeft() + g.padBottom() + g.padRight() == 0
              && g.groups() == 1;
      case WINOGRAD -> pass != Pass.WEIGHT_GRAD && Winograd.fits(g);
      case DEPTHWISE -> Depthwise.fits(g);
      case FEW_CHANNELS ->
          profile == Profile.CPU
              && pass != Pass.DATA_GRAD
              && g.groups() == 1
              && g.c() <= FEW
              && g.kernelW() > 1
              && g.dilationW() == 1;
    };
  }
}
