package dev.tilework.bench.peers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.convolutional.Conv2d;
import dev.tilework.kernels.ConvGeometry;

/** Convolutions of a geometry. */
final class ConvCalls {
  private ConvCalls() {}

  static Contestant.Call forward(NDManager manager, Format format, ConvGeometry g) {
    NDArray x = images(manager, format, g, Data.first(g.inputShape().elements()));
    NDArray w = weights(manager, format, g, Data.second(g.weightShape().elements()));
    return new ResultCall(manager, () -> convolve(x, w, g));
  }

  static NDArray images(NDManager manager, Format format, ConvGeometry g, float... values) {
    return format.of(manager, values, g.n(), g.h(), g.w(), g.c());
  }

  static NDArray weights(NDManager manager, Format format, ConvGeometry g, float... values) {
    return format.of(manager, values, g.o(), g.kernelH(), g.kernelW(), g.c() / g.groups());
  }

  static NDArray results(NDManager manager, Format format, ConvGeometry g, float... values) {
    return format.of(manager, values, g.n(), g.outH(), g.outW(), g.o());
  }

  static NDArray convolve(NDArray x, NDArray w, ConvGeometry g) {
    return Conv2d.conv2d(
            x,
            w,
            null,
            new Shape(g.strideH(), g.strideW()),
            new Shape(g.padTop(), g.padLeft()),
            Format.pair(1),
            g.groups())
        .singletonOrThrow();
  }
}
