package dev.tilework.opencl;

import dev.tilework.kernels.ConvGeometry;
import dev.tilework.kernels.ConvOp;
import dev.tilework.kernels.Operand;
import java.util.List;

/** Convolution in which each channel has a filter of its own; see depthwise.cl. */
final class Depthwise {
  private Depthwise() {}

  static boolean fits(ConvGeometry g) {
    return g.depthwise() && g.o() == g.c();
  }

  static void run(Session s, ConvOp op, Operand out, List<Operand> in) {
    throw new UnsupportedOperationException(op.name());
  }
}
