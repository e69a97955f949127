package dev.tilework.cuda;

import dev.tilework.DType;
import dev.tilework.Shape;
import dev.tilework.kernels.ImageOp;
import dev.tilework.kernels.Operand;
import dev.tilework.kernels.plan.Count;
import java.util.List;

/** Augmentation of images; see warp.cu. */
final class Warps {
  private Warps() {}

  static void run(Session s, ImageOp op, List<Operand> out, List<Operand> in) {
    Operand x = in.getFirst();
    Operand y = out.getFirst();
    Shape shape = x.shape();
    int channels = shape.dim(3);
    int pixels = Count.of(y) / channels;
    Count.of(x);
    switch (op) {
      case ImageOp.Warp o ->
          s.launcher.launch(
              x.dtype() == DType.UINT8 ? "warp_uint8" : "warp_float32",
              Grid.linear(pixels),
              x,
              in.get(1),
              in.get(2),
              y,
              pixels,
              shape.dim(1),
              shape.dim(2),
              channels,
              o.outH(),
              o.outW(),
              o.seed(),
              o.stream());
      case ImageOp.Mix o ->
          s.launcher.launch(
              "mix_images",
              Grid.linear(pixels),
              x,
              in.get(1),
              in.get(2),
              y,
              pixels,
              shape.dim(0),
              shape.dim(1),
              shape.dim(2),
              channels);
    }
  }
}
