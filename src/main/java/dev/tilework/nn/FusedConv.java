package dev.tilework.nn;

import dev.tilework.Tensor;
import dev.tilework.autograd.Variable;
import dev.tilework.kernels.Activation;
import dev.tilework.kernels.ConvGeometry;
import dev.tilework.kernels.ConvOp;
import dev.tilework.kernels.ConvOptions;
import java.util.ArrayList;
import java.util.List;

/**
 * A convolution, the batch normalization behind it, a residual and an activation in one pass:
 * {@code activation(conv(x, weight) + bias + residual)}.
 */
final class FusedConv extends InferenceModule {
  private final ConvOptions options;
  private final Activation activation;
  private final Tensor weight;
  private final Tensor bias;

  /** Takes the tensors over; the bias may be null. */
  FusedConv(ConvOptions options, Activation activation, Tensor weight, Tensor bias) {
    this.options = options;
    this.activation = activation;
    this.weight = buffer("weight", weight);
    this.bias = bias == null ? null : buffer("bias", bias);
  }

  /** Whether {@link #addActivate} can be called: nothing stands behind the sum. */
  boolean isLinear() {
    return activation.equals(Activation.IDENTITY);
  }

  @Override
  protected Variable forward(Variable x) {
    return run(x, null, activation);
  }

  /** {@code activation(conv(x) + residual)}. */
  Variable addActivate(Variable x, Variable residual, Activation a) {
    return observed(run(x, residual, a));
  }

  private Variable run(Variable x, Variable residual, Activation a) {
    ConvGeometry g = ConvGeometry.of(x.shape(), weight.shape(), options);
    List<Variable> operands = new ArrayList<>(List.of(x, Variable.of(weight)));
    if (bias != null) {
      operands.add(Variable.of(bias));
    }
    if (residual != null) {
      operands.add(residual);
    }
    return Variable.apply(
        new ConvOp.Forward(g, bias != null, residual != null, a),
        operands.toArray(Variable[]::new));
  }

  @Override
  public String toString() {
    return "FusedConv(" + weight.shape() + ", " + activation.label() + ")";
  }
}
