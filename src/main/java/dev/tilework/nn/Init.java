package dev.tilework.nn;

import dev.tilework.Device;
import dev.tilework.Shape;
import dev.tilework.Tensor;
import dev.tilework.kernels.RandomOp;

/**
 * How the first values of a parameter are made. The fan of weights (out, ..., in) is the number of
 * products that one number goes through: fan in is the product of all extents but the first (the
 * inputs summed for one output), fan out that of all but the last (the outputs that one input
 * reaches).
 */
@FunctionalInterface
public interface Init {
  /** The gain for weights that a ReLU follows: sqrt(2) (He et al., 2015, section 2.2). */
  float RELU_GAIN = (float) Math.sqrt(2);

  /** Which fan keeps its variance: that of the activations or that of the gradients. */
  enum Fan {
    /** Fan in: activations keep their variance going forward. */
    IN,
    /** Fan out: gradients keep their variance going back. */
    OUT;

    private double of(Shape shape) {
      if (shape.rank() < 2) {
        throw new IllegalArgumentException(
            "initialisation by fan: got shape " + shape + ", expected at least (out, in)");
      }
      int r = shape.rank();
      return this == IN ? shape.product(1, r) : shape.product(0, r - 1);
    }
  }

  /**
   * Makes the values.
   *
   * @param seed the key of the random numbers
   * @param stream which of the key's sequences of random numbers to take
   */
  Tensor create(Device device, Shape shape, long seed, long stream);

  /** One value everywhere. */
  static Init constant(float value) {
    return (device, shape, seed, stream) -> Tensor.full(device, value, shape.dims());
  }

  /** Normal with mean 0. */
  static Init normal(float deviation) {
    return (device, shape, seed, stream) ->
        device.run1(new RandomOp.Normal(shape, 0, deviation, seed, stream));
  }

  /** Uniform in [low, high). */
  static Init uniform(float low, float high) {
    return (device, shape, seed, stream) ->
        device.run1(new RandomOp.Uniform(shape, low, high, seed, stream));
  }

  /**
   * Normal with deviation {@code gain / sqrt(fan)}: He et al., "Delving Deep into Rectifiers:
   * Surpassing Human-Level Performance on ImageNet Classification", 2015, equations 10 (fan in) and
   * 14 (fan out).
   */
  static Init kaimingNormal(Fan fan, float gain) {
    return (device, shape, seed, stream) ->
        normal((float) (gain / Math.sqrt(fan.of(shape)))).create(device, shape, seed, stream);
  }

  /**
   * Uniform within {@code gain * sqrt(3 / fan)} of 0, which has the variance of {@link
   * #kaimingNormal}.
   */
  static Init kaimingUniform(Fan fan, float gain) {
    return (device, shape, seed, stream) ->
        within((float) (gain * Math.sqrt(3 / fan.of(shape)))).create(device, shape, seed, stream);
  }

  /**
   * Normal with deviation {@code gain * sqrt(2 / (fan in + fan out))}: Glorot and Bengio,
   * "Understanding the difficulty of training deep feedforward neural networks", 2010, equation 12.
   */
  static Init xavierNormal(float gain) {
    return (device, shape, seed, stream) -> {
      double fans = Fan.IN.of(shape) + Fan.OUT.of(shape);
      return normal((float) (gain * Math.sqrt(2 / fans))).create(device, shape, seed, stream);
    };
  }

  /**
   * Uniform within {@code gain * sqrt(6 / (fan in + fan out))} of 0: Glorot and Bengio, 2010,
   * equation 16.
   */
  static Init xavierUniform(float gain) {
    return (device, shape, seed, stream) -> {
      double fans = Fan.IN.of(shape) + Fan.OUT.of(shape);
      return within((float) (gain * Math.sqrt(6 / fans))).create(device, shape, seed, stream);
    };
  }

  private static Init within(float bound) {
    return uniform(-bound, bound);
  }
}
