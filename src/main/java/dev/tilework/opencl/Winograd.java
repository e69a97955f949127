package dev.tilework.opencl;

import dev.tilework.kernels.ConvGeometry;
import dev.tilework.kernels.ConvOp;
import dev.tilework.kernels.Operand;
import java.util.List;

/** 3x3 convolution with stride 1 by Winograd's F(4x4, 3x3); see winograd.cl. */
final class Winograd {
  private Winograd() {}

  static boolean fits(ConvGeometry g) {
    return false;
  }

  static void run(Session s, ConvOp op, Operand out, List<Operand> in) {
    throw new UnsupportedOperationException(op.name());
  }
}
