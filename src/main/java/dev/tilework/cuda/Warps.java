package dev.tilework.cuda;

import dev.tilework.Shape;
import dev.tilework.kernels.ImageOp;
import dev.tilework.kernels.Operand;
import dev.tilework.kernels.plan.Count;
import java.util.List;

/** Augmentation of images; see warp.cu. */
final class Warps {
  private Warps() {}

  static void run(Session s, ImageOp op, List<Operand> out, List<Operand> in) {
    switch (op) {
      case ImageOp.Warp o -> {
        Operand x = in.getFirst();
        Operand y = out.getFirst();
        Shape shape = x.shape();
        int n = Count.of(y);
        Count.of(x);
        s.launcher.launch(
            "warp",
            Grid.linear(n),
            x,
            in.get(1),
            y,
            n,
            shape.dim(1),
            shape.dim(2),
            shape.dim(3),
            o.outH(),
            o.outW(),
            o.fill(),
            o.seed(),
            o.stream());
      }
    }
  }
}
