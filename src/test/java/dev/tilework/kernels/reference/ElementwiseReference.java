package dev.tilework.kernels.reference;

import dev.tilework.DType;
import dev.tilework.Shape;
import dev.tilework.kernels.ElementwiseOp;
import java.util.List;

/** Arithmetic on each element, broadcasting, and the conversions between types. */
final class ElementwiseReference {
  private ElementwiseReference() {}

  static void run(ElementwiseOp op, List<HostTensor> in, HostTensor out) {
    HostTensor a = in.getFirst();
    for (int i = 0; i < out.size(); i++) {
      switch (op) {
        case ElementwiseOp.Binary o -> {
          double l = a.get(source(out.shape(), a.shape(), i));
          double r = in.get(1).get(source(out.shape(), in.get(1).shape(), i));
          out.set(
              i,
              switch (o.kind()) {
                case ADD -> l + r;
                case SUBTRACT -> l - r;
                case MULTIPLY -> l * r;
                case DIVIDE -> l / r;
              });
        }
        case ElementwiseOp.Affine o -> {
          double product = o.scale() * a.get(i);
          double shift = o.shift();
          out.set(i, product + shift, Math.abs(product) + Math.abs(shift));
        }
        case ElementwiseOp.Cast o -> out.set(i, cast(a.get(i), o.to()));
      }
    }
  }

  /** The position in a tensor of a shape that element i of what it is broadcast to comes from. */
  static int source(Shape to, Shape from, int i) {
    int at = 0;
    int stride = 1;
    for (int axis = 1; axis <= from.rank(); axis++) {
      int extent = to.dim(-axis);
      if (from.dim(-axis) != 1) {
        at += i % extent * stride;
      }
      stride *= from.dim(-axis);
      i /= extent;
    }
    return at;
  }

  /** A value in another type, as a double that the type holds exactly. */
  static double cast(double v, DType to) {
    return switch (to) {
      case FLOAT32 -> (float) v;
      case FLOAT16 -> Float.float16ToFloat(Float.floatToFloat16((float) v));
      case BFLOAT16 -> bfloat16((float) v);
      // Java's conversion is the specified one: towards 0, clamped, NaN gives 0.
      case INT32 -> (int) v;
      case UINT8 -> Math.clamp((int) v, 0, 255);
    };
  }

  private static double bfloat16(float v) {
    if (Float.isNaN(v)) {
      return Double.NaN;
    }
    int bits = Float.floatToRawIntBits(v);
    int lowest = 1 << 16;
    int even = (bits & lowest) == 0 ? 0 : 1;
    return Float.intBitsToFloat((bits + lowest / 2 - 1 + even) & -lowest);
  }
}
