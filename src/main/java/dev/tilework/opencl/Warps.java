package dev.tilework.opencl;

import dev.tilework.DType;
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
      case ImageOp.Warp o -> warp(s, o, y, in.get(0), in.get(1), in.get(2));
      case ImageOp.Mix o -> mix(s, y, in.get(0), in.get(1), in.get(2));
    }
  }

  private static void warp(
      Session s, ImageOp.Warp o, Operand y, Operand x, Operand parameters, Operand numbers) {
    Count.of(x);
    Shape from = x.shape();
    int channels = from.dim(3);
    int pixels = Count.of(y) / channels;
    s.launcher.launch(
        x.dtype() == DType.UINT8 ? "warp_uint8" : "warp_float32",
        Grid.linear(s, pixels),
        x,
        parameters,
        y,
        pixels,
        from.dim(1),
        from.dim(2),
        channels,
        o.outH(),
        o.outW());
    int size = o.outH() * o.outW() * channels;
    int each = 4 * s.tuning.get(Parameter.ELEMENT_VECTOR);
    Divisor parts = new Divisor((int) ((size + each - 1L) / each));
    int items = Count.of((long) parts.by() * from.dim(0));
    s.launcher.launch(
        "warp_noise",
        Grid.linear(s, items),
        parameters,
        numbers,
        y,
        items,
        parts,
        size,
        channels,
        o.seed(),
        o.stream());
  }

  private static void mix(Session s, Operand y, Operand x, Operand partners, Operand parameters) {
    Shape shape = x.shape();
    int pixels = Count.of(y) / shape.dim(3);
    s.launcher.launch(
        "mix_images",
        Grid.linear(s, pixels),
        x,
        partners,
        parameters,
        y,
        pixels,
        shape.dim(0),
        shape.dim(1),
        shape.dim(2),
        shape.dim(3));
  }
}
