package dev.tilework.cuda;

import dev.tilework.kernels.Operand;
import dev.tilework.kernels.RandomOp;
import dev.tilework.kernels.plan.Count;
import java.util.List;

/** Random numbers; see random.cu. */
final class RandomNumbers {
  private RandomNumbers() {}

  static void run(Session s, RandomOp op, List<Operand> out, List<Operand> in) {
    Operand y = out.getFirst();
    int n = Count.of(y);
    if (n == 0) {
      return;
    }
    Grid grid = Grid.fours(n);
    switch (op) {
      case RandomOp.Uniform o ->
          s.launcher.launch(
              op.name(),
              grid,
              y,
              n,
              o.seed(),
              o.stream(),
              o.low(),
              o.high() - o.low(),
              Math.nextDown(o.high()));
      case RandomOp.Normal o ->
          s.launcher.launch(op.name(), grid, y, n, o.seed(), o.stream(), o.mean(), o.deviation());
      case RandomOp.Dropout o ->
          s.launcher.launch(
              op.name(),
              grid,
              in.getFirst(),
              y,
              n,
              o.seed(),
              o.stream(),
              o.p(),
              (float) (1 / (1 - (double) o.p())));
    }
  }
}
