package dev.tilework.cpu;

import static dev.tilework.cpu.CpuDriver.address;

import dev.tilework.kernels.Activation;
import dev.tilework.kernels.ActivationOp;
import dev.tilework.kernels.ConvGeometry;
import dev.tilework.kernels.ConvOp;
import dev.tilework.kernels.Operand;
import java.util.List;

/**
 * Convolution and its gradients: picks a kernel, packs the weights for it where they changed, runs
 * it.
 */
final class Convolutions {
  private Convolutions() {}

  /** Identifies weights packed for a kernel; images and batch play no part. */
  private record Layout(
      ConvChoice kernel,
      boolean gradient,
      List<Integer> weightShape,
      int groups,
      List<Integer> phases) {
    static Layout of(ConvChoice kernel, boolean gradient, ConvGeometry g) {
      List<Integer> shape = List.of(g.o(), g.kernelH(), g.kernelW(), g.channelsPerGroup());
      List<Integer> phases =
          gradient
              ? List.of(
                  g.strideH(),
                  g.strideW(),
                  g.padTop(),
                  g.padLeft(),
                  g.dilationH(),
                  g.dilationW(),
                  Math.min(g.strideH(), g.h()),
                  Math.min(g.strideW(), g.w()))
              : List.of();
      return new Layout(kernel, gradient, shape, g.groups(), phases);
    }
  }

  static void run(ConvOp op, List<Operand> out, List<Operand> in, CpuMemory memory) {
    switch (op) {
      case ConvOp.Forward o -> forward(o, out.getFirst(), in, memory);
      case ConvOp.DataGrad o ->
          dataGrad(o.geometry(), out.getFirst(), in.get(0), in.get(1), memory);
      case ConvOp.WeightGrad o ->
          weightGrad(
              o.geometry(),
              address(in.get(0)),
              address(in.get(1)),
              address(out.getFirst()),
              memory);
    }
  }

  private static void forward(ConvOp.Forward op, Operand out, List<Operand> in, CpuMemory memory) {
    ConvGeometry g = op.geometry();
    Operand weight = in.get(1);
    long x = address(in.get(0));
    long w = address(weight);
    long y = address(out);
    Epilogue e =
        new Epilogue(
            op.bias() ? address(in.get(2)) : 0,
            op.residual() ? address(in.getLast()) : 0,
            y,
            op.activation().equals(Activation.RELU));
    ConvChoice choice = ConvChoice.of(g, ConvChoice.Pass.FORWARD);
    Object layout = Layout.of(choice, false, g);
    int depth = g.kernelH() * g.kernelW() * g.channelsPerGroup();
    long group = Panels.bytes(g.filtersPerGroup(), depth);
    switch (choice) {
      case DEPTHWISE -> {
        long packed =
            packed(weight, memory, layout, 4L * g.c() * depth, to -> Depthwise.pack(g, w, to));
        Depthwise.run(Gather.forward(g), g.c(), x, packed, y, e);
      }
      case WINOGRAD -> {
        long packed =
            packed(
                weight,
                memory,
                layout,
                Winograd.packedBytes(g, false),
                to -> Winograd.pack(g, false, w, to));
        new Winograd(g, false, x, packed, y, e).run(memory);
      }
      case DIRECT, POINTWISE, FEW_CHANNELS -> {
        long packed =
            packed(
                weight,
                memory,
                layout,
                g.groups() * group,
                to -> {
                  for (int i = 0; i < g.groups(); i++) {
                    Panels.packFilters(g, i, w, to + i * group);
                  }
                });
        if (choice == ConvChoice.POINTWISE) {
          int pixels = Math.multiplyExact(g.n(), g.h() * g.w());
          Product.run(x, 4L * g.c(), pixels, g.c(), packed, g.o(), y, 4L * g.o(), e);
        } else if (choice == ConvChoice.FEW_CHANNELS) {
          new FewChannels(g).forward(x, packed, y, e, memory);
        } else {
          Gather grid = Gather.forward(g);
          for (int i = 0; i < g.groups(); i++) {
            int first = i * g.filtersPerGroup();
            new DirectConv(
                    grid,
                    x + 4L * i * g.channelsPerGroup(),
                    4L * g.c(),
                    g.channelsPerGroup(),
                    packed + i * group,
                    y + 4L * first,
                    4L * g.o(),
                    g.filtersPerGroup(),
                    e.shifted(first))
                .run();
          }
        }
      }
    }
    if (!e.relu() && !op.activation().equals(Activation.IDENTITY)) {
      Activations.run(new ActivationOp.Apply(op.activation()), List.of(out), List.of(out));
    }
  }

  private static long packed(
      Operand weight, CpuMemory memory, Object layout, long bytes, CpuBuffer.Packer packer) {
    return ((CpuBuffer) weight.buffer()).packed(memory, layout, weight.offset(), bytes, packer);
  }

  private static void dataGrad(
      ConvGeometry g, Operand out, Operand gradient, Operand weight, CpuMemory memory) {
    long dy = address(gradient);
    long w = address(weight);
    long dx = address(out);
    ConvChoice choice = ConvChoice.of(g, ConvChoice.Pass.DATA_GRAD);
    Object layout = Layout.of(choice, true, g);
    switch (choice) {
      case DEPTHWISE -> {
        long bytes = 4L * g.c() * g.kernelH() * g.kernelW();
        long packed =
            packed(
                weight, memory, Layout.of(choice, false, g), bytes, to -> Depthwise.pack(g, w, to));
        for (Gather grid : Gather.dataGrad(g)) {
          Depthwise.run(grid, g.c(), dy, packed, dx, Epilogue.NONE);
        }
      }
      case WINOGRAD -> {
        long packed =
            packed(
                weight,
                memory,
                layout,
                Winograd.packedBytes(g, true),
                to -> Winograd.pack(g, true, w, to));
        new Winograd(g, true, dy, packed, dx, Epilogue.NONE).run(memory);
      }
      case DIRECT, POINTWISE, FEW_CHANNELS -> {
        List<Gather> grids = Gather.dataGrad(g);
        int filters = g.filtersPerGroup();
        int channels = g.channelsPerGroup();
        long bytes = 0;
        for (Gather grid : grids) {
          bytes += g.groups() * Panels.bytes(channels, (long) grid.taps().length * filters);
        }
        long packed = packed(weight, memory, layout, bytes, to -> packGrids(g, grids, w, to));
        if (choice == ConvChoice.POINTWISE) {
          int pixels = Math.multiplyExact(g.n(), g.h() * g.w());
          Product.run(dy, 4L * g.o(), pixels, g.o(), packed, g.c(), dx, 4L * g.c(), Epilogue.NONE);
          return;
        }
        for (Gather grid : grids) {
          for (int i = 0; i < g.groups(); i++) {
            new DirectConv(
                    grid,
                    dy + 4L * i * filters,
                    4L * g.o(),
                    filters,
                    packed,
                    dx + 4L * i * channels,
                    4L * g.c(),
                    channels,
                    Epilogue.NONE)
                .run();
            packed += Panels.bytes(channels, (long) grid.taps().length * filters);
          }
        }
      }
    }
  }

  private static void packGrids(ConvGeometry g, List<Gather> grids, long w, long to) {
    for (Gather grid : grids) {
      for (int i = 0; i < g.groups(); i++) {
        Panels.packChannels(g, i, grid.taps(), w, to);
        to += Panels.bytes(g.channelsPerGroup(), (long) grid.taps().length * g.filtersPerGroup());
      }
    }
  }

  private static void weightGrad(ConvGeometry g, long x, long dy, long dw, CpuMemory memory) {
    switch (ConvChoice.of(g, ConvChoice.Pass.WEIGHT_GRAD)) {
      case DEPTHWISE -> Depthwise.weightGrad(g, x, dy, dw, memory);
      case FEW_CHANNELS -> new FewChannels(g).weightGrad(x, dy, dw, memory);
      default ->
          new WeightGradient(
                  Gather.forward(g),
                  g.groups(),
                  g.filtersPerGroup(),
                  g.channelsPerGroup(),
                  x,
                  4L * g.c(),
                  dy)
              .run(dw, false, memory);
    }
  }
}
