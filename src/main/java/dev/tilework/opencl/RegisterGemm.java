package dev.tilework.opencl;

import dev.tilework.kernels.MatmulOp;
import dev.tilework.kernels.Operand;
import dev.tilework.kernels.plan.Count;
import java.util.List;

/** Matrix product with a tile in each work-item's registers; see matmul.cl. */
final class RegisterGemm {
  /** Up to so many rows, with the right factor transposed, results are dot products of two rows. */
  private static final int FEW_ROWS = 3;

  private RegisterGemm() {}

  static void run(Session s, MatmulOp.Matmul op, Operand out, List<Operand> in) {
    Operand a = in.get(0);
    Operand b = in.get(1);
    int m = out.shape().dim(0);
    int n = out.shape().dim(1);
    int k = a.shape().dim(op.transposeA() ? 0 : 1);
    Count.of(a);
    Count.of(b);
    Count.of(out);
    Epilogue e = Epilogue.of(op, in);
    if (m <= FEW_ROWS && op.transposeB() && !op.transposeA()) {
      s.launcher.launch("matmul_dots", Grid.items(n), a, b, out, e, m, n, k);
      return;
    }
    RegisterTiles tiles = RegisterTiles.of(s);
    long bytes = 4 * tiles.rightFloats(n, k);
    if (op.transposeB()) {
      // A linear layer's weights come transposed, time after time; any other factor is new each
      // time.
      Object layout = List.of("matmul", k, n);
      Memory.View packed =
          ((ClBuffer) b.buffer())
              .packed(layout, b.offset(), bytes, to -> packRight(s, b, to, k, n, 1, k));
      product(s, op, a, packed, out, e, m, n, k);
      return;
    }
    ClBuffer.Block block = s.memory.take(bytes);
    try {
      Memory.View packed = new Memory.View(block.handle(), 0);
      packRight(s, b, packed, k, n, n, 1);
      product(s, op, a, packed, out, e, m, n, k);
    } finally {
      s.memory.giveBack(block);
    }
  }

  private static void product(
      Session s,
      MatmulOp.Matmul op,
      Operand a,
      Memory.View b,
      Operand out,
      Epilogue e,
      int m,
      int n,
      int k) {
    if (!op.transposeA()) {
      rows(s, new Matrices(a, k, 0), b, 0, new Matrices(out, n, 0), e, m, n, k, 1);
      return;
    }
    RegisterTiles tiles = RegisterTiles.of(s);
    ClBuffer.Block block = s.memory.take(4 * tiles.leftFloats(m, k));
    try {
      Memory.View left = new Memory.View(block.handle(), 0);
      packLeft(s, a, left, m, k, 1);
      RegisterTiles.Block part = tiles.block(m, n, k, 1);
      s.launcher.launch(
          "matmul_outer", part.grid(), left, b, out, e, m, n, k, part.rows(), part.panels());
    } finally {
      s.memory.giveBack(block);
    }
  }

  /**
   * Matrices in rows.
   *
   * @param memory an argument of a kernel
   * @param row floats from a row to the next
   * @param step floats from a matrix to the next
   */
  record Matrices(Object memory, int row, long step) {}

  /**
   * Products of matrices.
   *
   * @param b right panels
   * @param bStep floats from a matrix of panels to the next
   */
  static void rows(
      Session s,
      Matrices a,
      Memory.View b,
      long bStep,
      Matrices y,
      Epilogue e,
      int m,
      int n,
      int k,
      int products) {
    RegisterTiles.Block part = RegisterTiles.of(s).block(m, n, k, products);
    s.launcher.launch(
        "matmul_rows",
        part.grid(),
        a.memory(),
        b,
        y.memory(),
        e,
        m,
        n,
        k,
        a.row(),
        y.row(),
        a.step(),
        bStep,
        y.step(),
        part.rows(),
        part.panels());
  }

  /** Packs a (k, n) matrix whose steps and columns are so many floats apart as right panels. */
  private static void packRight(
      Session s, Operand b, Memory.View to, int k, int n, int step, int column) {
    s.launcher.launch(
        "pack_right",
        Grid.items(RegisterTiles.packBlocks(k), RegisterTiles.of(s).rightPanels(n), 1),
        b,
        to,
        n,
        1,
        1,
        k,
        0L,
        0,
        0,
        step,
        column,
        0L);
  }

  /** Packs the transpose of each group of columns of a (k, groups * m) as left panels. */
  static void packLeft(Session s, Object a, Memory.View to, int m, int k, int groups) {
    s.launcher.launch(
        "pack_left",
        Grid.items(RegisterTiles.of(s).leftPanels(m), RegisterTiles.packBlocks(k), groups),
        a,
        to,
        m,
        k,
        groups * m);
  }
}
