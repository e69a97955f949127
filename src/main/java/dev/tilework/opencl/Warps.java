package dev.tilework.opencl;

import dev.tilework.kernels.ImageOp;
import dev.tilework.kernels.Operand;
import java.util.List;

/** Image augmentation; see warp.cl. */
final class Warps {
  private Warps() {}

  static void run(Session s, ImageOp op, List<Operand> out, List<Operand> in) {
    throw new UnsupportedOperationException(op.name());
  }
}
