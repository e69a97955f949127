package dev.tilework.kernels;

import static dev.tilework.kernels.Check.count;
import static dev.tilework.kernels.Check.floats;
import static dev.tilework.kernels.Check.notEmpty;
import static dev.tilework.kernels.Check.require;
import static dev.tilework.kernels.Check.shape;

import dev.tilework.DType;
import dev.tilework.Shape;
import java.util.List;

/** Losses, averaged over the batch, and their gradients. */
public sealed interface LossOp extends Op {
  /**
   * Cross-entropy of softmax(logits) against class labels, averaged over the rows, the target being
   * {@code (1 - smoothing) * onehot + smoothing / classes} (Szegedy et al., "Rethinking the
   * Inception Architecture", 2016). Operands: logits (n, classes); labels (n) as int32. Results:
   * the loss, a scalar; the probabilities (n, classes). A label outside 0 to classes - 1 makes the
   * loss NaN.
   */
  record CrossEntropy(float smoothing) implements LossOp {
    /** Checks the smoothing. */
    public CrossEntropy {
      if (!(smoothing >= 0 && smoothing < 1)) {
        throw new IllegalArgumentException(
            "cross_entropy: label smoothing " + smoothing + ", expected 0 to below 1");
      }
    }

    @Override
    public String name() {
      return "cross_entropy";
    }

    @Override
    public List<TensorSpec> outputs(List<TensorSpec> in) {
      count(2, this, in, "logits, labels");
      labels(this, in, 0, 1);
      return List.of(TensorSpec.f32(), in.get(0));
    }
  }

  /**
   * The gradient to the logits. Operands: dloss, a scalar; probabilities (n, classes); labels (n)
   * as int32. Result: dlogits.
   */
  record CrossEntropyGrad(float smoothing) implements LossOp {
    @Override
    public String name() {
      return "cross_entropy_grad";
    }

    @Override
    public List<TensorSpec> outputs(List<TensorSpec> in) {
      count(3, this, in, "dloss, probabilities, labels");
      shape(0, Shape.scalar(), "dloss", this, in);
      require(in.get(0).dtype() == DType.FLOAT32, this, in, "float32 dloss");
      labels(this, in, 1, 2);
      return List.of(in.get(1));
    }
  }

  /** The mean of (a - b) squared. Operands: a; b of its shape. Result: a scalar. */
  record MeanSquaredError() implements LossOp {
    @Override
    public String name() {
      return "mean_squared_error";
    }

    @Override
    public List<TensorSpec> outputs(List<TensorSpec> in) {
      floats(2, this, in, "a, b");
      shape(1, in.get(0).shape(), "b", this, in);
      return List.of(TensorSpec.f32());
    }
  }

  /** The gradient to a (that to b is its negative). Operands: dloss, a scalar; a; b. Result: da. */
  record MeanSquaredErrorGrad() implements LossOp {
    @Override
    public String name() {
      return "mean_squared_error_grad";
    }

    @Override
    public List<TensorSpec> outputs(List<TensorSpec> in) {
      floats(3, this, in, "dloss, a, b");
      shape(0, Shape.scalar(), "dloss", this, in);
      shape(2, in.get(1).shape(), "b", this, in);
      return List.of(in.get(1));
    }
  }

  private static void labels(Op op, List<TensorSpec> in, int logits, int labels) {
    Shape s = in.get(logits).shape();
    require(
        s.rank() == 2 && in.get(logits).dtype() == DType.FLOAT32, op, in, "float32 (n, classes)");
    require(in.get(labels).dtype() == DType.INT32, op, in, "int32 labels");
    shape(labels, Shape.of(s.dim(0)), "labels", op, in);
    notEmpty(op, in);
  }
}
