package dev.tilework.opencl;

import dev.tilework.kernels.ConvGeometry;
import dev.tilework.kernels.plan.Count;

/**
 * Images of few channels with a border of zeros, in which the pixels under a kernel row are one
 * piece of memory; see conv.cl.
 *
 * @param grid the convolution over them, its taps whole kernel rows
 */
record Bordered(Session session, ClBuffer.Block block, Gather grid) implements AutoCloseable {
  static Bordered of(Session s, ConvGeometry g, Object x) {
    int height = (g.outH() - 1) * g.strideH() + (g.kernelH() - 1) * g.dilationH() + 1;
    int width = (g.outW() - 1) * g.strideW() + g.kernelW();
    int floats = Count.of((long) g.n() * height * width * g.c());
    // What is read of the columns after the last is not used, but has to be memory.
    ClBuffer.Block block = s.memory.take(4L * (floats + RegisterTiles.of(s).columns()));
    s.launcher.launch(
        "border_images",
        Grid.linear(s, width * g.c(), height, g.n()),
        x,
        new Memory.View(block.handle(), 0),
        g.h(),
        g.w(),
        g.c(),
        g.padTop(),
        g.padLeft(),
        width);
    Gather.Axis y =
        new Gather.Axis(
            height, g.outH(), g.strideH(), g.kernelH(), 0, g.dilationH(), 0, 1, g.outH(), 1, 0);
    Gather.Axis across =
        new Gather.Axis(width, g.outW(), g.strideW(), 1, 0, 1, 0, 1, g.outW(), 1, 0);
    return new Bordered(s, block, new Gather(g.n(), y, across));
  }

  Memory.View view() {
    return new Memory.View(block.handle(), 0);
  }

  @Override
  public void close() {
    session.memory.giveBack(block);
  }
}
