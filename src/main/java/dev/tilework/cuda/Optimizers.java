package dev.tilework.cuda;

import dev.tilework.kernels.Operand;
import dev.tilework.kernels.OptimizerOp;
import dev.tilework.kernels.plan.Count;
import java.util.List;

/** Steps of optimizers; see optimizer.cu. */
final class Optimizers {
  private Optimizers() {}

  static void run(Session s, OptimizerOp op, List<Operand> in) {
    int n = Count.of(in.getFirst());
    int width = Width.of(n, in.toArray());
    String kernel = (op instanceof OptimizerOp.Sgd ? "sgd_" : "adam_") + width;
    Grid grid = Grid.linear(n / width);
    switch (op) {
      case OptimizerOp.Sgd o ->
          s.launcher.launch(
              kernel,
              grid,
              in.get(0),
              in.get(1),
              in.get(2),
              n,
              o.rate(),
              o.momentum(),
              o.nesterov() ? 1 : 0,
              o.weightDecay());
      case OptimizerOp.Adam o ->
          s.launcher.launch(
              kernel,
              grid,
              in.get(0),
              in.get(1),
              in.get(2),
              in.get(3),
              n,
              o.rate(),
              o.beta1(),
              o.beta2(),
              o.eps(),
              o.weightDecay(),
              o.decoupled() ? 1 : 0,
              (float) (1 - Math.pow(o.beta1(), o.step())),
              (float) (1 - Math.pow(o.beta2(), o.step())));
    }
  }
}
