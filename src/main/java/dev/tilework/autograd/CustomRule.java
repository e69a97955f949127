package dev.tilework.autograd;

import dev.tilework.DType;
import dev.tilework.Tensor;
import dev.tilework.kernels.TensorSpec;
import java.util.Arrays;

/** Runs a {@link CustomOperation} both ways and checks what it returns. */
record CustomRule(CustomOperation operation) implements Node.Rule {
  Tensor forward(Tensor... inputs) {
    Tensor y = operation.forward(inputs);
    if (y == null || y.dtype() != DType.FLOAT32 || y.device() != inputs[0].device()) {
      throw new IllegalStateException(
          operation.name()
              + ": got a result "
              + (y == null ? "null" : y.summary() + " on " + y.device())
              + ", expected float32 on "
              + inputs[0].device());
    }
    return owned(y, inputs);
  }

  @Override
  public Tensor[] gradients(Node node, Tensor dy) {
    Tensor[] inputs = new Tensor[node.inputs.length];
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = node.input(i);
    }
    Tensor y = node.output(0);
    Tensor[] g = operation.backward(dy, y, inputs).clone();
    if (g.length != inputs.length) {
      throw new IllegalStateException(
          message(g.length + " gradients", "one for each of " + inputs.length + " operands"));
    }
    for (int i = 0; i < g.length; i++) {
      if (g[i] != null) {
        TensorSpec expected = inputs[i].spec();
        if (!g[i].spec().equals(expected) || g[i].device() != y.device()) {
          throw new IllegalStateException(
              message(
                  "a gradient " + g[i].summary() + " on " + g[i].device(),
                  expected + " on " + y.device() + " for operand " + i));
        }
        g[i] = owned(owned(owned(g[i], dy, y), inputs), Arrays.copyOf(g, i));
      }
    }
    return g;
  }

  private String message(String got, String expected) {
    return "backward of " + operation.name() + ": got " + got + ", expected " + expected;
  }

  /** A tensor that its taker may close: a view where it is one of others. */
  private static Tensor owned(Tensor t, Tensor... others) {
    for (Tensor o : others) {
      if (o == t) {
        return t.reshape(t.shape().dims());
      }
    }
    return t;
  }
}
