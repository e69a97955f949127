package dev.tilework.opencl;

import dev.tilework.kernels.ConvGeometry;
import dev.tilework.kernels.ConvOp;
import dev.tilework.kernels.Operand;
import dev.tilework.kernels.plan.Count;
import java.util.List;

/** Convolution in which each channel has filters of its own; see depthwise.cl. */
final class Depthwise {
  /**
   * Work-items to aim for in the gradient to the weights: constants, since segments determine the
   * order of the sums.
   */
  private static final int ITEMS_OF_A_GPU = 32768;

  private static final int ITEMS_OF_A_CPU = 256;

  /** Pixels over which rounding errors may add up. */
  private static final int LONGEST_SEGMENT = 8192;

  private final Session s;
  private final ConvGeometry g;
  private final int taps;

  /** Filters of a channel. */
  private final int multiplier;

  private Depthwise(Session s, ConvGeometry g) {
    this.s = s;
    this.g = g;
    taps = g.kernelH() * g.kernelW();
    multiplier = g.o() / g.c();
  }

  static boolean fits(ConvGeometry g) {
    return g.depthwise();
  }

  static void run(Session s, ConvOp op, Operand out, List<Operand> in) {
    in.forEach(Count::of);
    Count.of(out);
    Depthwise d = new Depthwise(s, op.geometry());
    switch (op) {
      case ConvOp.Forward o -> d.forward(out, in.get(0), in.get(1), Epilogue.of(o, in));
      case ConvOp.DataGrad o -> d.dataGrad(out, in.get(0), in.get(1));
      case ConvOp.WeightGrad o -> d.weightGrad(out, in.get(0), in.get(1));
    }
  }

  private boolean is3x3() {
    return multiplier == 1
        && g.kernelH() == 3
        && g.kernelW() == 3
        && g.dilationH() == 1
        && g.dilationW() == 1;
  }

  private Memory.View pack(Operand w) {
    int n = (int) w.elements();
    return ((ClBuffer) w.buffer())
        .packed(
            List.of("depthwise", n, taps),
            w.offset(),
            4L * n,
            to -> s.launcher.launch("depthwise_pack", Grid.linear(s, n), w, to, n, taps));
  }

  private void forward(Operand y, Operand x, Operand w, Epilogue e) {
    Gather grid = Gather.forward(g);
    if (is3x3() && g.strideH() == g.strideW() && g.strideH() <= 2) {
      run3x3("depthwise_3x3_" + g.strideH(), grid, x, w, y, e, 0);
    } else {
      runAny(grid, x, g.c(), w, y, g.o(), e, 1, multiplier);
    }
  }

  private void dataGrad(Operand dx, Operand dy, Operand w) {
    List<Gather> grids = Gather.dataGrad(g);
    if (is3x3() && g.strideH() == 1 && g.strideW() == 1) {
      Gather grid = grids.getFirst();
      Gather flipped = new Gather(grid.n(), flipped(grid.y()), flipped(grid.x()));
      run3x3("depthwise_3x3_1", flipped, dy, w, dx, Epilogue.NONE, 1);
      return;
    }
    for (Gather grid : grids) {
      runAny(grid, dy, g.o(), w, dx, g.c(), Epilogue.NONE, multiplier, 1);
    }
  }

  /** The taps of a dense axis in the order of the input, from the last to the first. */
  private static Gather.Axis flipped(Gather.Axis a) {
    int last = a.taps() - 1;
    return new Gather.Axis(
        a.in(),
        a.grid(),
        a.stride(),
        a.taps(),
        a.tap() + last * a.tapStep(),
        -a.tapStep(),
        last,
        -1,
        a.outExtent(),
        a.outStep(),
        a.out());
  }

  private void run3x3(
      String kernel, Gather grid, Operand x, Operand w, Operand y, Epilogue e, int flipped) {
    int span = span(grid);
    s.launcher.launch(
        kernel,
        grid(grid, g.c(), span),
        x,
        pack(w),
        y,
        e,
        grid.from(g.c(), g.c()),
        grid.to(g.c()),
        span,
        flipped);
  }

  /**
   * Runs a grid.
   *
   * @param inPixel channels of a pixel of x
   * @param outPixel channels of a pixel of y
   * @param step input channels that meet in a result
   * @param share results that share an input channel
   */
  private void runAny(
      Gather grid,
      Operand x,
      int inPixel,
      Operand w,
      Operand y,
      int outPixel,
      Epilogue e,
      int step,
      int share) {
    int span = span(grid);
    List<Integer> several = multiplier == 1 ? List.of() : List.of(step, share);
    s.launcher.launch(
        multiplier == 1 ? "depthwise_single" : "depthwise_several",
        grid(grid, outPixel, span),
        x,
        pack(w),
        y,
        e,
        grid.from(inPixel, 1),
        grid.to(outPixel),
        span,
        outPixel,
        grid.y().kernel() * g.kernelW() + grid.x().kernel(),
        grid.y().kernelStep() * g.kernelW(),
        grid.x().kernelStep(),
        several);
  }

  /** Neighbouring pixels that a work-item does. */
  private int span(Gather grid) {
    return s.profile == Profile.CPU ? grid.x().grid() : s.tuning.get(Parameter.DEPTHWISE_COLUMNS);
  }

  private int vectors(int channels) {
    return Math.ceilDiv(channels, s.tuning.get(Parameter.ELEMENT_VECTOR));
  }

  private Grid grid(Gather grid, int channels, int span) {
    long items = (long) vectors(channels) * Math.ceilDiv(grid.x().grid(), span);
    int rows = Math.min(Grid.MOST_GROUPS, grid.n() * grid.y().grid());
    return s.profile == Profile.CPU ? Grid.items(items, rows) : Grid.linear(s, items, rows);
  }

  private void weightGrad(Operand dw, Operand x, Operand dy) {
    Gather grid = Gather.forward(g);
    int rows = g.n() * g.outH();
    boolean nine = multiplier == 1 && g.kernelH() == 3 && g.kernelW() == 3;
    int vectors = vectors(g.o());
    int n = (int) dw.elements();
    int items = s.profile == Profile.CPU ? ITEMS_OF_A_CPU : ITEMS_OF_A_GPU;
    int together = g.kernelW() == 5 || g.kernelW() == 7 ? g.kernelW() : 1;
    int pieces = nine ? 1 : taps / together;
    int wanted = Math.min(Grid.MOST_GROUPS, Math.ceilDiv(items, vectors * pieces));
    int least = Math.ceilDiv(rows, Grid.MOST_GROUPS);
    int segment = Math.max(least, Math.min(LONGEST_SEGMENT / g.outW(), Math.ceilDiv(rows, wanted)));
    int segments = Math.ceilDiv(rows, segment);
    ClBuffer.Block sums = s.memory.take(4L * Count.of((long) segments * n));
    try {
      Memory.View view = new Memory.View(sums.handle(), 0);
      if (nine) {
        s.launcher.launch(
            "depthwise_weights_3x3",
            grid(vectors, pieces, segments),
            x,
            dy,
            view,
            grid.from(g.c(), g.c()),
            segment);
      } else {
        s.launcher.launch(
            "depthwise_weights_" + together,
            grid(vectors, pieces, segments),
            x,
            dy,
            view,
            grid.from(g.c(), 1),
            segment,
            g.o(),
            multiplier);
      }
      s.launcher.launch("depthwise_add_segments", Grid.linear(s, n), view, dw, n, taps, segments);
    } finally {
      s.memory.giveBack(sums);
    }
  }

  private Grid grid(int vectors, int pieces, int segments) {
    return s.profile == Profile.CPU
        ? Grid.items(vectors, pieces, segments)
        : Grid.linear(s, vectors, pieces, segments);
  }
}
