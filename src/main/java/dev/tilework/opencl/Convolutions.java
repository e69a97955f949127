package dev.tilework.opencl;

import dev.tilework.kernels.ConvOp;
import dev.tilework.kernels.Operand;
import java.util.List;

/** Two-dimensional convolution and its gradients. */
final class Convolutions {
  private Convolutions() {}

  static void run(Session s, ConvOp op, List<Operand> out, List<Operand> in) {
    throw new UnsupportedOperationException(op.name());
  }
}
