package dev.tilework.kernels;

import static dev.tilework.kernels.Check.floats;
import static dev.tilework.kernels.Check.require;
import static dev.tilework.kernels.Check.shape;

import dev.tilework.Shape;
import java.util.List;

/** Matrix product. */
public sealed interface MatmulOp extends Op {
  /**
   * {@code y = A B + bias}, with A = a or its transpose and B = b or its transpose. Operands: a (m,
   * k), or (k, m) where {@code transposeA}; b (k, n), or (n, k) where {@code transposeB}; bias (n)
   * where {@code bias}. Result: y (m, n).
   */
  record Matmul(boolean transposeA, boolean transposeB, boolean bias) implements MatmulOp {
    @Override
    public String name() {
      return "matmul";
    }

    @Override
    public List<TensorSpec> outputs(List<TensorSpec> in) {
      floats(bias ? 3 : 2, this, in, bias ? "a, b, bias" : "a, b");
      Shape a = in.get(0).shape();
      Shape b = in.get(1).shape();
      String expected =
          "a ("
              + (transposeA ? "k, m" : "m, k")
              + ") and b ("
              + (transposeB ? "n, k" : "k, n")
              + ")";
      require(a.rank() == 2 && b.rank() == 2, this, in, expected);
      require(a.dim(transposeA ? 0 : 1) == b.dim(transposeB ? 1 : 0), this, in, expected);
      int m = a.dim(transposeA ? 1 : 0);
      int n = b.dim(transposeB ? 0 : 1);
      if (bias) {
        shape(2, Shape.of(n), "bias", this, in);
      }
      return List.of(TensorSpec.f32(m, n));
    }
  }
}
