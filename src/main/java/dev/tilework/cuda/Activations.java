package dev.tilework.cuda;

import dev.tilework.kernels.ActivationOp;
import dev.tilework.kernels.Operand;
import dev.tilework.kernels.plan.Count;
import java.util.List;

/** Activation functions; see activation.cu. */
final class Activations {
  private Activations() {}

  static void run(Session s, ActivationOp op, List<Operand> out, List<Operand> in) {
    Operand y = out.getFirst();
    int n = Count.of(y);
    String kernel = "activation_" + op.name();
    switch (op) {
      case ActivationOp.Apply o ->
          s.launcher.launch(kernel, Grid.fours(n), in.getFirst(), y, n, o.activation().alpha());
      case ActivationOp.Grad o ->
          s.launcher.launch(
              kernel, Grid.fours(n), in.get(0), in.get(1), y, n, o.activation().alpha());
    }
  }
}
