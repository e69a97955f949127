package dev.tilework.opencl;

import dev.tilework.kernels.Operand;
import dev.tilework.kernels.RandomOp;
import dev.tilework.kernels.plan.Count;
import java.util.List;

/** Random numbers; see random.cl. */
final class RandomNumbers {
  private RandomNumbers() {}

  static void run(Session s, RandomOp op, List<Operand> out, List<Operand> in) {
    Operand y = out.getFirst();
    int n = Count.of(y);
    if (n == 0) {
      return;
    }
    Grid grid = blocks(s, n);
    String name = op.name();
    switch (op) {
      case RandomOp.Uniform o -> {
        float range = o.high() - o.low();
        float last = range > 0 ? Math.nextDown(o.high()) : o.high();
        s.launcher.launch(name, grid, y, n, o.seed(), o.stream(), o.low(), range, last);
      }
      case RandomOp.Normal o ->
          s.launcher.launch(name, grid, y, n, o.seed(), o.stream(), o.mean(), o.deviation());
      case RandomOp.Dropout o -> {
        float scale = (float) (1 / (1 - (double) o.p()));
        Operand x = in.getFirst();
        s.launcher.launch(name, grid, x, y, n, o.seed(), o.stream(), o.p(), scale);
      }
    }
  }

  /** The grid of a kernel whose work-items make blocks of four numbers. */
  static Grid blocks(Session s, int n) {
    return Grid.elements(s, (int) ((n + 3L) / 4));
  }
}
