package dev.tilework.nn;

import dev.tilework.autograd.Variable;

/**
 * {@code x W^T + bias} from (n, in) to (n, out). Parameters: {@code weight} (out, in) and {@code
 * bias} (out).
 *
 * <p>The weights begin uniform within {@code 1 / sqrt(in)} of 0 (LeCun et al., "Efficient
 * BackProp", 1998, up to a constant), the bias as zeros.
 */
public final class Linear extends Module {
  private static final Init DEFAULT = Init.kaimingUniform(Init.Fan.IN, (float) Math.sqrt(1.0 / 3));

  private final int in;
  private final boolean hasBias;
  private final Init init;
  private final int rows;
  private final int columns;
  private int out;
  private Parameter weight;
  private Parameter bias;

  /** With a bias. */
  public Linear(int in, int out) {
    this(in, out, true, DEFAULT);
  }

  /** With or without a bias, the weights beginning in a way of the caller's choice. */
  public Linear(int in, int out, boolean bias, Init weightInit) {
    this(in, out, bias, weightInit, 1, 1);
  }

  private Linear(int in, int out, boolean bias, Init weightInit, int rows, int columns) {
    if (in < 1 || out < 1) {
      throw new IllegalArgumentException(
          "Linear: got " + in + " inputs and " + out + " outputs, expected at least 1 of each");
    }
    this.in = in;
    this.out = out;
    this.hasBias = bias;
    this.init = weightInit;
    this.rows = rows;
    this.columns = columns;
    this.weight = parameter("weight", weightInit, out, in);
    this.bias = bias ? parameter("bias", Init.constant(0), out) : null;
  }

  /**
   * A layer like this one whose inputs are flattened images of so many rows and columns, in the
   * order rows, columns, channels. It computes the same; readers of weights in another order of
   * pixels need to know.
   *
   * @throws IllegalArgumentException when the inputs are no multiple of the pixels
   */
  public Linear ofImage(int rows, int columns) {
    if (rows < 1 || columns < 1 || in % (rows * columns) != 0) {
      throw new IllegalArgumentException(
          this + ": an image of " + rows + "x" + columns + " pixels does not divide its inputs");
    }
    if (weight.isMade()) {
      throw new IllegalStateException("Linear: its options cannot change after init");
    }
    return new Linear(in, out, hasBias, init, rows, columns);
  }

  /** The rows of the images that are its flattened inputs; 1 where they are none. */
  public int rows() {
    return rows;
  }

  /** The columns of the images that are its flattened inputs; 1 where they are none. */
  public int columns() {
    return columns;
  }

  /** The number of its inputs. */
  public int inputs() {
    return in;
  }

  /** The number of its outputs. */
  public int outputs() {
    return out;
  }

  /**
   * Gives the layer another number of outputs, as for other classes. Its values are freed and
   * {@link Module#init} makes new ones; those of other layers stay.
   */
  public void replaceOutputs(int outputs) {
    if (outputs < 1) {
      throw new IllegalArgumentException(
          this + ": got " + outputs + " outputs, expected at least 1");
    }
    out = outputs;
    weight = redeclare("weight", init, outputs, in);
    bias = hasBias ? redeclare("bias", Init.constant(0), outputs) : null;
  }

  @Override
  protected Variable forward(Variable x) {
    return bias == null
        ? x.linear(weight.variable())
        : x.linear(weight.variable(), bias.variable());
  }

  @Override
  public String toString() {
    return "Linear(" + in + ", " + out + ")";
  }
}
