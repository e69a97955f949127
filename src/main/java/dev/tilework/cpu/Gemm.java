package dev.tilework.cpu;

import static dev.tilework.cpu.CpuDriver.address;

import dev.tilework.kernels.MatmulOp;
import dev.tilework.kernels.Operand;
import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** Matrix product, with transposes and a bias. */
final class Gemm {
  /**
   * Up to so many rows, with the right factor transposed, each result is a dot product of two rows.
   */
  private static final int FEW_ROWS = 3;

  /** Rows of a transposed left factor that are packed at a time. */
  private static final int TRANSPOSED_ROWS = 512;

  private Gemm() {}

  static void run(MatmulOp.Matmul op, List<Operand> out, List<Operand> in, CpuMemory memory) {
    long a = address(in.get(0));
    Operand right = in.get(1);
    long b = address(right);
    long c = address(out.getFirst());
    int m = out.getFirst().shape().dim(0);
    int n = out.getFirst().shape().dim(1);
    int k = in.get(0).shape().dim(op.transposeA() ? 0 : 1);
    Epilogue e = new Epilogue(op.bias() ? address(in.get(2)) : 0, 0, c, false);
    if (m <= FEW_ROWS && op.transposeB() && !op.transposeA()) {
      dots(a, m, k, b, n, c, e);
      return;
    }
    long rowStride = op.transposeB() ? 4 : 4L * n;
    long columnStride = op.transposeB() ? 4L * k : 4;
    long bytes = Panels.bytes(n, k);
    CpuBuffer.Packer packer = to -> Panels.pack(b, rowStride, columnStride, k, n, to);
    // A linear layer's weights come transposed, time after time; any other factor is new each time.
    CpuBuffer.Block block = op.transposeB() ? null : memory.take(bytes);
    try {
      long packed;
      if (block == null) {
        Object layout = List.of("matmul", k, n);
        packed = ((CpuBuffer) right.buffer()).packed(memory, layout, right.offset(), bytes, packer);
      } else {
        packed = block.address();
        packer.pack(packed);
      }
      if (op.transposeA()) {
        transposed(a, m, k, packed, n, c, e);
      } else {
        Product.run(a, 4L * k, m, k, packed, n, c, 4L * n, e);
      }
    } finally {
      if (block != null) {
        memory.giveBack(block);
      }
    }
  }

  /** Each element as the dot product of a row of a and a row of b. */
  private static void dots(long a, int m, int k, long b, int n, long c, Epilogue e) {
    Parallel.ranges(
        n,
        Math.max(1, 16384 / k),
        (from, to) -> {
          for (long j = from; j < to; j++) {
            for (int i = 0; i < m; i++) {
              Simd.putFloat(c + 4 * ((long) i * n + j), dot(a + 4L * i * k, b + 4 * j * k, k));
            }
          }
          e.apply(c + 4 * from, 4L * n, m, (int) from, (int) (to - from));
        });
  }

  private static float dot(long a, long b, int k) {
    int v = Simd.LANES;
    FloatVector s0 = FloatVector.zero(Simd.S);
    FloatVector s1 = FloatVector.zero(Simd.S);
    FloatVector s2 = FloatVector.zero(Simd.S);
    FloatVector s3 = FloatVector.zero(Simd.S);
    int i = 0;
    for (; i + 4 * v <= k; i += 4 * v) {
      long p = a + 4L * i;
      long q = b + 4L * i;
      s0 = Simd.load(p).fma(Simd.load(q), s0);
      s1 = Simd.load(p + Simd.BYTES).fma(Simd.load(q + Simd.BYTES), s1);
      s2 = Simd.load(p + 2L * Simd.BYTES).fma(Simd.load(q + 2L * Simd.BYTES), s2);
      s3 = Simd.load(p + 3L * Simd.BYTES).fma(Simd.load(q + 3L * Simd.BYTES), s3);
    }
    for (; i < k; i += v) {
      VectorMask<Float> mask = Simd.S.indexInRange(i, k);
      s0 = Simd.load(a + 4L * i, mask).fma(Simd.load(b + 4L * i, mask), s0);
    }
    return Simd.sum(s0.add(s1).add(s2.add(s3)));
  }

  /** The product with the left factor given as its transpose, (k, m). */
  private static void transposed(long a, int m, int k, long b, int n, long c, Epilogue e) {
    int panels = Panels.count(n);
    Parallel.ranges((long) m * n, 1 << 16, (from, to) -> Simd.zero(c + 4 * from, 4 * (to - from)));
    int share = Math.max(1, panels / (2 * Parallel.THREADS));
    for (int k0 = 0; k0 < k; k0 += TRANSPOSED_ROWS) {
      int first = k0;
      int rows = Math.min(TRANSPOSED_ROWS, k - k0);
      Parallel.ranges(
          panels,
          share,
          (from, to) -> {
            long left = Scratch.get(1, LeftPanels.bytes(m, rows));
            LeftPanels.pack(a + 4L * first * m, 4L * m, rows, m, left);
            for (long p = from; p < to; p++) {
              int width = (int) Math.min(Tile.COLUMNS, n - p * Tile.COLUMNS);
              long w = b + p * Panels.panelBytes(k) + first * Tile.PANEL_STEP;
              long o = c + 4 * p * Tile.COLUMNS;
              for (int i = 0; i < m; i += Tile.ROWS) {
                Tile.outer(
                    Math.min(Tile.ROWS, m - i),
                    rows,
                    rows,
                    1,
                    left + i / Tile.ROWS * LeftPanels.blockBytes(rows),
                    0,
                    0,
                    w,
                    Tile.PANEL_STEP,
                    0,
                    0,
                    o + 4L * i * n,
                    4L * n,
                    width);
              }
            }
          });
    }
    if (!e.isNone()) {
      Parallel.ranges(
          m, 64, (from, to) -> e.apply(c + 4 * from * n, 4L * n, (int) (to - from), 0, n));
    }
  }
}
