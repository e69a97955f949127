package dev.tilework.train;

/** The learning rate as a function of the step alone. */
public interface Schedule {
  /**
   * The learning rate of a step.
   *
   * @param step from 0
   */
  float rate(long step);

  /** The same rate throughout. */
  record Constant(float rate) implements Schedule {
    /** Checks the rate. */
    public Constant {
      positive(rate, "rate");
    }

    @Override
    public float rate(long step) {
      return rate;
    }
  }

  /** {@code rate * factor ^ floor(step / every)}. */
  record Step(float rate, long every, float factor) implements Schedule {
    /** Checks the numbers. */
    public Step {
      positive(rate, "rate");
      positive(every, "number of steps");
      positive(factor, "factor");
    }

    @Override
    public float rate(long step) {
      return (float) (rate * StrictMath.pow(factor, step / every));
    }
  }

  /**
   * Rises linearly over the first {@code warmup} steps (to {@code rate} at the last of them), then
   * falls along half a cosine, reaching {@code end} at the last of {@code steps} steps (Loshchilov
   * and Hutter, "SGDR", 2017, without restarts).
   */
  record Cosine(float rate, float end, long warmup, long steps) implements Schedule {
    /** Checks the numbers. */
    public Cosine {
      positive(rate, "rate");
      positive(steps, "number of steps");
      if (!(end >= 0 && end <= rate) || warmup < 0 || warmup >= steps) {
        throw new IllegalArgumentException(
            "schedule: end "
                + end
                + ", warm-up "
                + warmup
                + "; expected an end of 0 to "
                + rate
                + " and a warm-up of 0 to below "
                + steps);
      }
    }

    @Override
    public float rate(long step) {
      if (step < warmup) {
        return rate * (step + 1) / warmup;
      }
      return cosine(rate, end, step - warmup, steps - 1 - warmup);
    }
  }

  /**
   * One cycle (Smith and Topin, "Super-convergence", 2018), as PyTorch's {@code OneCycleLR} with
   * cosines: from {@code rate / 25} up to {@code rate} over the share {@code rise} of the steps,
   * then down to {@code rate / 250,000} at the last.
   */
  record OneCycle(float rate, long steps, float rise) implements Schedule {
    /** Checks the numbers. */
    public OneCycle {
      positive(rate, "rate");
      positive(steps, "number of steps");
      if (!(rise >= 0 && rise < 1)) {
        throw new IllegalArgumentException(
            "schedule: rise " + rise + ", expected a share of 0 to below 1");
      }
    }

    @Override
    public float rate(long step) {
      double top = (double) rise * steps - 1;
      if (step < top) {
        return cosine(rate / 25, rate, step, top);
      }
      double from = Math.max(top, 0);
      return cosine(rate, rate / 250_000, step - from, steps - 1 - from);
    }
  }

  private static float cosine(float from, float to, double position, double length) {
    double t = length <= 0 ? 1 : Math.clamp(position / length, 0.0, 1.0);
    return (float) (to + (from - to) * (1 + StrictMath.cos(Math.PI * t)) / 2);
  }

  private static void positive(double value, String what) {
    if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "schedule: " + what + " " + value + ", expected above 0 and finite");
    }
  }
}
