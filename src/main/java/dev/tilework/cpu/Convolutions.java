package dev.tilework.cpu;

import dev.tilework.kernels.ConvOp;
import dev.tilework.kernels.Operand;
import java.util.List;

/** Convolution and its gradients. */
final class Convolutions {
  private Convolutions() {}

  static void run(ConvOp op, List<Operand> out, List<Operand> in, CpuMemory memory) {
    throw new UnsupportedOperationException(op.name());
  }
}
