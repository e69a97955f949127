package dev.tilework.cuda;

import dev.tilework.Precision;
import dev.tilework.Shape;
import dev.tilework.kernels.MatmulOp;
import dev.tilework.kernels.Operand;
import java.util.List;

/** Matrix products; see {@code kernels/cuda/matmul.cu}. */
final class Gemm {
  private Gemm() {}

  static void run(Session s, MatmulOp op, List<Operand> out, List<Operand> in, Precision p) {
    switch (op) {
      case MatmulOp.Matmul o -> {
        if (GemmChoice.of(p) == GemmChoice.CUBLAS) {
          Log.choice(() -> "matmul of " + shapes(in) + " in " + p + ": cuBLAS");
          s.libraries.cublas().run(o, out.getFirst(), in, p);
        } else {
          run(s, o, out.getFirst(), in, p);
        }
      }
    }
  }

  private static List<Shape> shapes(List<Operand> in) {
    return in.stream().map(Operand::shape).toList();
  }

  private static void run(Session s, MatmulOp.Matmul op, Operand y, List<Operand> in, Precision p) {
    int m = y.shape().dim(0);
    int n = y.shape().dim(1);
    int k = in.getFirst().shape().dim(op.transposeA() ? 0 : 1);
    boolean aInside = !op.transposeA();
    boolean bInside = op.transposeB();
    Tile tile = Tile.of(m, n, 1, false, s.gpu.multiprocessors());
    int splits = op.bias() ? 1 : tile.splits(m, n, 1, k, s.gpu.multiprocessors());
    int step = p == Precision.FP32 ? 16 : 32;
    int part = Math.toIntExact((k + (long) splits * step - 1) / ((long) splits * step) * step);
    try (Aligned aligned = new Aligned(s)) {
      int pitchA = Aligned.padded(aInside ? k : m);
      int pitchB = Aligned.padded(bInside ? k : n);
      long a = aligned.rows(in.get(0), aInside ? m : k, aInside ? k : m);
      long b = aligned.rows(in.get(1), bInside ? n : k, bInside ? k : n);
      long sums = splits == 1 ? Launcher.address(y) : aligned.scratch(4L * splits * m * n);
      String factors = (op.transposeA() ? "t" : "n") + (op.transposeB() ? "t" : "n");
      String kernel = "matmul_" + factors + "_" + Tile.name(p) + "_" + tile;
      Log.choice(() -> "matmul of " + shapes(in) + ": " + kernel + " in " + splits + " parts");
      s.launcher.launchShared(
          kernel,
          tile.grid(p, m, n, splits),
          tile.shared(p, aInside, bInside),
          a,
          b,
          sums,
          new Struct().ints(m, n, k, part).longs(pitchA, pitchB),
          op.bias() ? Launcher.address(in.get(2)) : 0L);
      if (splits > 1) {
        s.launcher.launch("sum_splits", Grid.linear((long) m * n), sums, y, splits, m, n, n);
      }
    }
  }
}
