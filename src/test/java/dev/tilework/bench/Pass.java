package dev.tilework.bench;

import dev.tilework.Shape;
import dev.tilework.kernels.ConvGeometry;
import dev.tilework.kernels.ConvOp;

/** What is timed of a convolution; each does the same number of multiply-adds. */
public enum Pass {
  /** y from x and w. */
  FORWARD,
  /** dx from dy and w. */
  DATA_GRAD,
  /** dw from x and dy. */
  WEIGHT_GRAD;

  /** The operation. */
  public ConvOp op(ConvGeometry g) {
    return switch (this) {
      case FORWARD -> new ConvOp.Forward(g);
      case DATA_GRAD -> new ConvOp.DataGrad(g);
      case WEIGHT_GRAD -> new ConvOp.WeightGrad(g);
    };
  }

  /** The shape of the first operand. */
  public Shape first(ConvGeometry g) {
    return this == DATA_GRAD ? g.outputShape() : g.inputShape();
  }

  /** The shape of the second operand. */
  public Shape second(ConvGeometry g) {
    return this == WEIGHT_GRAD ? g.outputShape() : g.weightShape();
  }

  /** The shape of the result. */
  public Shape result(ConvGeometry g) {
    return switch (this) {
      case FORWARD -> g.outputShape();
      case DATA_GRAD -> g.inputShape();
      case WEIGHT_GRAD -> g.weightShape();
    };
  }
}
