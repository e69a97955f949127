package dev.tilework.opencl;

import dev.tilework.kernels.ConvOp;
import dev.tilework.kernels.Operand;
import java.util.List;

/** Convolution with tiles in local memory; see conv_local.cl. */
final class LocalConv {
  private LocalConv() {}

  /** Runs DIRECT, POINTWISE or FEW_CHANNELS. */
  static void run(Session s, ConvOp op, ConvChoice choice, Operand out, List<Operand> in) {
    throw new UnsupportedOperationException(op.name());
  }
}
