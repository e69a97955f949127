package dev.tilework.opencl;

import dev.tilework.kernels.ConvOp;
import dev.tilework.kernels.Operand;
import java.util.List;

/** Two-dimensional convolution and its gradients: picks the kernels. */
final class Convolutions {
  private Convolutions() {}

  static void run(Session s, ConvOp op, List<Operand> out, List<Operand> in) {
    ConvChoice.Pass pass =
        switch (op) {
          case ConvOp.Forward o -> ConvChoice.Pass.FORWARD;
          case ConvOp.DataGrad o -> ConvChoice.Pass.DATA_GRAD;
          case ConvOp.WeightGrad o -> ConvChoice.Pass.WEIGHT_GRAD;
        };
    ConvChoice choice = ConvChoice.of(op.geometry(), pass, s.profile);
    Operand result = out.getFirst();
    switch (choice) {
      case DEPTHWISE -> Depthwise.run(s, op, result, in);
      case WINOGRAD -> Winograd.run(s, op, result, in);
      case DIRECT, POINTWISE, FEW_CHANNELS -> {
        switch (s.profile) {
          case CPU -> RegisterConv.run(s, op, choice, result, in);
          case GPU -> LocalConv.run(s, op, choice, result, in);
        }
      }
    }
  }
}
