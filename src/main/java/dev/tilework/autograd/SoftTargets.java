package dev.tilework.autograd;

import dev.tilework.Shape;
import dev.tilework.Tensor;
import dev.tilework.kernels.ElementwiseOp;
import dev.tilework.kernels.LossOp;

/** Cross-entropy against probabilities, from operations that have gradients already. */
final class SoftTargets {
  private SoftTargets() {}

  /** {@code -sum(t * log_softmax(logits)) / n}, t the targets with the operation's smoothing. */
  static Variable crossEntropy(LossOp.CrossEntropy op, Variable logits, Tensor targets) {
    Shape s = logits.shape();
    if (s.rank() != 2 || s.elements() == 0 || !s.equals(targets.shape())) {
      throw new IllegalArgumentException(
          op.name()
              + ": got logits "
              + logits.value().summary()
              + " and probabilities "
              + targets.summary()
              + ", expected both float32 [n, classes]");
    }
    float rest = op.smoothing() / s.dim(1);
    Tensor t =
        op.smoothing() == 0
            ? targets
            : targets.device().run1(new ElementwiseOp.Affine(1 - op.smoothing(), rest), targets);
    return logits.logSoftmax().multiply(Variable.of(t)).sum().affine(-1f / s.dim(0), 0);
  }
}
