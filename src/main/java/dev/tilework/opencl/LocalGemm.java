package dev.tilework.opencl;

import dev.tilework.kernels.MatmulOp;
import dev.tilework.kernels.Operand;
import dev.tilework.kernels.plan.Count;
import java.util.List;

/** Matrix product with tiles in local memory; see matmul_local.cl. */
final class LocalGemm {
  private LocalGemm() {}

  static void run(Session s, MatmulOp.Matmul op, Operand out, List<Operand> in) {
    int k = in.get(0).shape().dim(op.transposeA() ? 0 : 1);
    run(
        s,
        op.transposeA(),
        op.transposeB(),
        in.get(0),
        in.get(1),
        out,
        Epilogue.of(op, in),
        out.shape().dim(0),
        out.shape().dim(1),
        k);
  }

  /** The product of two operands as matrices of the sizes, whatever their shapes are. */
  static void run(
      Session s,
      boolean transposeA,
      boolean transposeB,
      Operand a,
      Operand b,
      Operand y,
      Epilogue epilogue,
      int m,
      int n,
      int k) {
    if (m == 0 || n == 0) {
      return;
    }
    LocalTile tile = LocalTile.of(s.tuning);
    long tiles = tile.tiles(m, n);
    Segments segments = Segments.of(k, tiles, tile.k());
    String name = "matmul_local_" + (transposeA ? "t" : "n") + (transposeB ? "t" : "n");
    int elements = Count.of(y);
    Count.of(a);
    Count.of(b);
    SegmentSums.run(
        s,
        segments.count(),
        elements,
        n,
        y,
        epilogue,
        (result, last) ->
            s.launcher.launch(
                name,
                Grid.groups(new int[] {tile.group(), 1}, tiles, segments.count()),
                a,
                b,
                result,
                last,
                m,
                n,
                k,
                0L,
                0L,
                (long) elements,
                segments.length(),
                aligned(a, transposeA ? m : k),
                aligned(b, transposeB ? k : n)));
  }

  /**
   * Products of row-major matrices: c[i] (m, n) = a[i] (m, k) b[i] (k, n) for each i below {@code
   * batches}, the matrices of each operand one after the other.
   */
  static void batched(
      Session s, Memory.View a, Memory.View b, Memory.View c, int batches, int m, int k, int n) {
    LocalTile tile = LocalTile.of(s.tuning);
    s.launcher.launch(
        "matmul_local_nn",
        Grid.groups(new int[] {tile.group(), 1}, tile.tiles(m, n), batches),
        a,
        b,
        c,
        Epilogue.NONE,
        m,
        n,
        k,
        (long) m * k,
        (long) k * n,
        (long) m * n,
        0,
        a.offset() % 16 == 0 && k % 4 == 0 ? 1 : 0,
        b.offset() % 16 == 0 && n % 4 == 0 ? 1 : 0);
  }

  /** 1 where four numbers of a row lie within 16 bytes, if their column is a multiple of four. */
  static int aligned(Operand x, int row) {
    return x.offset() % 16 == 0 && row % 4 == 0 ? 1 : 0;
  }
}
