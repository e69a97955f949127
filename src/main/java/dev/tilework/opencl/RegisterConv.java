package dev.tilework.opencl;

import dev.tilework.kernels.ConvOp;
import dev.tilework.kernels.Operand;
import java.util.List;

/** Convolution with a tile in each work-item's registers; see conv.cl. */
final class RegisterConv {
  private RegisterConv() {}

  /** Runs DIRECT, POINTWISE or FEW_CHANNELS. */
  static void run(Session s, ConvOp op, ConvChoice choice, Operand out, List<Operand> in) {
    throw new UnsupportedOperationException(op.name());
  }
}
