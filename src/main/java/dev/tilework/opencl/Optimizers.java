package dev.tilework.opencl;

import dev.tilework.kernels.Operand;
import dev.tilework.kernels.OptimizerOp;
import dev.tilework.kernels.plan.Count;
import java.util.List;

/** Optimizer steps; see optimizer.cl. */
final class Optimizers {
  private Optimizers() {}

  static void run(Session s, OptimizerOp op, List<Operand> out, List<Operand> in) {
    int n = Count.of(in.getFirst());
    Grid grid = Grid.elements(s, n);
    switch (op) {
      case OptimizerOp.Sgd o -> sgd(s, o, grid, n, in.get(0), in.get(1), in.get(2));
      case OptimizerOp.Adam o -> adam(s, o, grid, n, in);
    }
  }

  private static void sgd(
      Session s, OptimizerOp.Sgd o, Grid grid, int n, Operand w, Operand v, Operand gradient) {
    if (o.momentum() == 0) {
      s.launcher.launch("sgd", grid, w, gradient, n, o.rate(), o.weightDecay());
      return;
    }
    s.launcher.launch(
        "sgd_momentum",
        grid,
        w,
        v,
        gradient,
        n,
        o.rate(),
        o.weightDecay(),
        o.momentum(),
        o.nesterov() ? 1 : 0);
  }

  private static void adam(Session s, OptimizerOp.Adam o, Grid grid, int n, List<Operand> in) {
    float decay = o.decoupled() ? 0 : o.weightDecay();
    float keep = o.decoupled() ? (float) (1 - (double) o.rate() * o.weightDecay()) : 1;
    s.launcher.launch(
        "adam",
        grid,
        in.get(0),
        in.get(1),
        in.get(2),
        in.get(3),
        n,
        (float) (o.rate() / (1 - Math.pow(o.beta1(), o.step()))),
        decay,
        keep,
        o.beta1(),
        (float) (1 - (double) o.beta1()),
        o.beta2(),
        (float) (1 - (double) o.beta2()),
        (float) (1 / (1 - Math.pow(o.beta2(), o.step()))),
        o.eps());
  }
}
