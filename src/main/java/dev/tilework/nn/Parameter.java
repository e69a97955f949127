package dev.tilework.nn;

import dev.tilework.Device;
import dev.tilework.Shape;
import dev.tilework.Tensor;
import dev.tilework.autograd.Variable;

/**
 * A tensor of a {@link Module}, trained or (a buffer) not, declared by its shape; {@link
 * Module#init} makes its values.
 */
public final class Parameter {
  private final String name;
  private final Shape shape;
  private final Init init;
  private final boolean trained;
  private Variable variable;

  Parameter(String name, Shape shape, Init init, boolean trained) {
    this.name = name;
    this.shape = shape;
    this.init = init;
    this.trained = trained;
  }

  Parameter(String name, Tensor value, boolean trained) {
    this(name, value.shape(), null, trained);
    variable = wrap(value);
  }

  /** The extents. */
  public Shape shape() {
    return shape;
  }

  /** Whether it is trained; else it is a buffer, such as a running mean. */
  public boolean isTrained() {
    return trained;
  }

  /**
   * The values, as an operand.
   *
   * @throws IllegalStateException before {@link Module#init}
   */
  public Variable variable() {
    if (variable == null) {
      throw new IllegalStateException(
          "parameter " + name + " " + shape + " has no values yet; call init(device, seed) first");
    }
    return variable;
  }

  /**
   * The values.
   *
   * @throws IllegalStateException before {@link Module#init}
   */
  public Tensor value() {
    return variable().value();
  }

  boolean isMade() {
    return variable != null;
  }

  void make(Device device, long seed, long stream) {
    variable = wrap(init.create(device, shape, seed, stream));
  }

  private Variable wrap(Tensor value) {
    value.unscoped();
    return trained ? Variable.parameter(value) : Variable.of(value);
  }

  /** Frees the values. */
  void close() {
    if (variable != null) {
      variable.zeroGrad();
      variable.value().close();
    }
  }

  /** Frees the values and goes back to having none. */
  void drop() {
    close();
    variable = null;
  }
}
