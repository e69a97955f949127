package dev.tilework.cpu;

import dev.tilework.kernels.ImageOp;
import dev.tilework.kernels.Operand;
import java.util.List;

/** The augmentation warp. */
final class Warps {
  private Warps() {}

  static void run(ImageOp.Warp op, List<Operand> out, List<Operand> in) {
    throw new UnsupportedOperationException(op.name());
  }
}
