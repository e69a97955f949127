package dev.tilework.opencl;

import dev.tilework.Shape;
import dev.tilework.kernels.ImageOp;
import dev.tilework.kernels.Operand;
import dev.tilework.kernels.plan.Count;
import java.util.List;

/** Image augmentation; see warp.cl. */
final class Warps {
  private Warps() {}

  static void run(Session s, ImageOp op, List<Operand> out, List<Operand> in) {
    Operand y = out.getFirst();
    switch (op) {
      case ImageOp.Warp o -> warp(s, o, y, in.get(0), in.get(1));
    }
  }

  private static void warp(Session s, ImageOp.Warp o, Operand y, Operand x, Operand parameters) {
    Count.of(x);
    Shape from = x.shape();
    int channels = from.dim(3);
    int n = Count.of(y);
    int pixels = n / channels;
    s.launcher.launch(
        "warp",
        Grid.linear(s, pixels),
        x,
        parameters,
        y,
        pixels,
        from.dim(1),
        from.dim(2),
        channels,
        o.outH(),
        o.outW(),
        o.fill());
    Divisor image = new Divisor(n / from.dim(0));
    Grid blocks = RandomNumbers.blocks(s, n);
    s.launcher.launch("warp_noise", blocks, parameters, y, n, image, o.seed(), o.stream());
  }
}
