package dev.tilework.opencl;

import dev.tilework.kernels.MatmulOp;
import dev.tilework.kernels.Operand;
import java.util.List;

/** Matrix product: picks the kernels. */
final class Gemm {
  private Gemm() {}

  static void run(Session s, MatmulOp op, List<Operand> out, List<Operand> in) {
    MatmulOp.Matmul product =
        switch (op) {
          case MatmulOp.Matmul o -> o;
        };
    switch (s.profile) {
      case CPU -> RegisterGemm.run(s, product, out.getFirst(), in);
      case GPU -> LocalGemm.run(s, product, out.getFirst(), in);
    }
  }
}
