package dev.tilework.train;

import dev.tilework.Scope;
import dev.tilework.Tensor;
import dev.tilework.autograd.Variable;
import dev.tilework.kernels.ElementwiseOp;
import java.util.Collection;

/** Limits gradients. */
public final class GradientClipping {
  private GradientClipping() {}

  /**
   * Scales all gradients by one factor so that their common Euclidean norm is at most {@code most}.
   * Gradients whose norm is not finite are left as they are.
   *
   * @return the norm before; 0 where there is no gradient
   */
  public static float byNorm(Collection<Variable> parameters, float most) {
    if (!(most > 0)) {
      throw new IllegalArgumentException("gradient clipping: norm " + most + ", expected above 0");
    }
    Tensor[] gradients =
        parameters.stream().map(Variable::grad).filter(g -> g != null).toArray(Tensor[]::new);
    if (gradients.length == 0) {
      return 0;
    }
    try (Scope _ = Scope.open()) {
      Tensor[] squares = new Tensor[gradients.length];
      for (int i = 0; i < squares.length; i++) {
        squares[i] = gradients[i].multiply(gradients[i]).sum().reshape(1);
      }
      float norm = (float) Math.sqrt(Tensor.concat(0, squares).sum().item());
      if (norm > most && norm < Float.POSITIVE_INFINITY) {
        ElementwiseOp scale = new ElementwiseOp.Affine(most / norm, 0);
        for (Tensor g : gradients) {
          g.device().runInto(g, scale, g);
        }
      }
      return norm;
    }
  }
}
