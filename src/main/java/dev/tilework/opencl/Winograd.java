package dev.tilework.opencl;

import dev.tilework.kernels.ConvGeometry;
import dev.tilework.kernels.ConvOp;
import dev.tilework.kernels.Operand;
import dev.tilework.kernels.plan.Count;
import java.util.List;

/** 3x3 convolution with stride 1 by Winograd's F(4x4, 3x3); see winograd.cl. */
final class Winograd {
  private static final int FREQUENCIES = 36;
  private static final int OUT = 4;

  /** The widest vector of the transforms. */
  private static final int WIDEST = 8;

  /**
   * Floats between rows of transformed data, and between the weights of frequencies, that keep
   * equal columns out of each other's cache sets.
   */
  private static final int SKEW = 16;

  private final Session s;
  private final boolean gradient;
  private final ConvGeometry g;
  private final int inH;
  private final int inW;
  private final int outH;
  private final int outW;
  private final int channels;
  private final int filters;
  private final int tilesX;
  private final int tilesY;

  /** Columns of a panel of the weights. */
  private final int panel;

  /** Floats of the weights of a frequency. */
  private final long weightStep;

  /** The forward convolution, or of the output gradient by the flipped weights. */
  private Winograd(Session s, ConvGeometry g, boolean gradient) {
    this.s = s;
    this.g = g;
    this.gradient = gradient;
    inH = gradient ? g.outH() : g.h();
    inW = gradient ? g.outW() : g.w();
    outH = gradient ? g.h() : g.outH();
    outW = gradient ? g.w() : g.outW();
    channels = gradient ? g.o() : g.c();
    filters = gradient ? g.c() : g.o();
    tilesX = Math.ceilDiv(outW, OUT);
    tilesY = Math.ceilDiv(outH, OUT);
    if (s.profile == Profile.CPU) {
      RegisterTiles tiles = RegisterTiles.of(s);
      panel = tiles.columns();
      weightStep = tiles.rightFloats(filters, channels) + SKEW;
    } else {
      panel = filters;
      weightStep = (long) channels * filters;
    }
  }

  static boolean fits(ConvGeometry g) {
    return g.kernelH() == 3
        && g.kernelW() == 3
        && g.strideH() == 1
        && g.strideW() == 1
        && g.dilationH() == 1
        && g.dilationW() == 1
        && g.groups() == 1
        && g.padTop() <= 2
        && g.padLeft() <= 2
        && g.c() % WIDEST == 0
        && g.o() % WIDEST == 0;
  }

  static void run(Session s, ConvOp op, Operand out, List<Operand> in) {
    in.forEach(Count::of);
    Count.of(out);
    boolean gradient = !(op instanceof ConvOp.Forward);
    Epilogue e = op instanceof ConvOp.Forward f ? Epilogue.of(f, in) : Epilogue.NONE;
    new Winograd(s, op.geometry(), gradient).run(in.get(0), in.get(1), out, e);
  }

  private void run(Operand in, Operand w, Operand out, Epilogue e) {
    Object layout = List.of("winograd", gradient, g.o(), g.c());
    Memory.View weights =
        ((ClBuffer) w.buffer())
            .packed(layout, w.offset(), 4 * FREQUENCIES * weightStep, to -> transform(w, to));
    int all = Count.of((long) g.n() * tilesX * tilesY);
    // The products of the GPU profile take matrices without gaps.
    int skew = s.profile == Profile.CPU ? SKEW : 0;
    int inRow = channels + skew;
    int outRow = filters + skew;
    long budget = s.tuning.get(Parameter.WINOGRAD_BLOCK) * 256L;
    int blocks =
        (int) Math.clamp(Math.ceilDiv(FREQUENCIES * (inRow + outRow) * (long) all, budget), 1, all);
    int most = Math.ceilDiv(all, blocks);
    ClBuffer.Block block =
        s.memory.take(4 * FREQUENCIES * (step(most, inRow) + step(most, outRow)));
    try {
      for (int first = 0; first < all; first += most) {
        int tiles = Math.min(most, all - first);
        long inStep = step(tiles, inRow);
        long outStep = step(tiles, outRow);
        Memory.View v = new Memory.View(block.handle(), 0);
        Memory.View m = new Memory.View(block.handle(), 4 * FREQUENCIES * step(most, inRow));
        input(in, v, first, tiles, inRow, inStep);
        products(v, weights, m, tiles, inRow, inStep, outRow, outStep);
        output(m, out, e, first, tiles, outRow, outStep);
      }
    } finally {
      s.memory.giveBack(block);
    }
  }

  /** Floats from a frequency's matrix to the next's. */
  private long step(int tiles, int row) {
    long floats = (long) tiles * row;
    return s.profile == Profile.CPU ? (floats + 1023) / 1024 * 1024 + 5 * SKEW : floats;
  }

  private int width() {
    return s.tuning.get(Parameter.WINOGRAD_WIDTH);
  }

  /** A work-item has vectors enough for a processor's units alone; a GPU wants many beside it. */
  private Grid grid(int items, int others) {
    return s.profile == Profile.CPU ? Grid.items(items, others) : Grid.linear(s, items, others);
  }

  private void transform(Operand w, Memory.View to) {
    s.launcher.launch(
        "winograd_weights",
        grid(g.o(), g.c() / width()),
        w,
        to,
        g.o(),
        g.c(),
        gradient ? 1 : 0,
        panel,
        weightStep);
  }

  private void input(Operand in, Memory.View v, int first, int tiles, int row, long step) {
    s.launcher.launch(
        "winograd_input",
        grid(channels / width(), tiles),
        in,
        v,
        first,
        tilesY,
        tilesX,
        inH,
        inW,
        channels,
        gradient ? 2 - g.padTop() : g.padTop(),
        gradient ? 2 - g.padLeft() : g.padLeft(),
        row,
        step);
  }

  private void products(
      Memory.View v,
      Memory.View weights,
      Memory.View m,
      int tiles,
      int inRow,
      long inStep,
      int outRow,
      long outStep) {
    if (s.profile == Profile.GPU) {
      LocalGemm.batched(s, v, weights, m, FREQUENCIES, tiles, channels, filters);
      return;
    }
    RegisterGemm.rows(
        s,
        new RegisterGemm.Matrices(v, inRow, inStep),
        weights,
        weightStep,
        new RegisterGemm.Matrices(m, outRow, outStep),
        Epilogue.NONE,
        tiles,
        filters,
        channels,
        FREQUENCIES);
  }

  private void output(
      Memory.View m, Operand out, Epilogue e, int first, int tiles, int row, long step) {
    s.launcher.launch(
        "winograd_output",
        grid(filters / width(), tiles),
        m,
        out,
        e,
        first,
        tilesY,
        tilesX,
        outH,
        outW,
        filters,
        row,
        step);
  }
}
