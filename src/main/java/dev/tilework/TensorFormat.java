package dev.tilework;

import java.util.Locale;
import java.util.function.IntFunction;

/** The values of a tensor as text, as NumPy shows them: nested brackets, long axes cut short. */
final class TensorFormat {
  private static final int EDGE = 3;
  private static final int LIMIT = 8;
  private static final long READ_LIMIT = 1 << 20;

  private TensorFormat() {}

  static String format(Tensor t) {
    if (t.elements() == 0) {
      return "[]";
    }
    if (t.elements() > READ_LIMIT) {
      // The shown corners are spread over the whole tensor; reading gigabytes for them helps
      // nobody.
      return "(" + t.elements() + " elements)";
    }
    IntFunction<String> element = elements(t);
    StringBuilder out = new StringBuilder();
    append(out, element, t.shape(), 0, 0);
    return out.toString();
  }

  private static IntFunction<String> elements(Tensor t) {
    return switch (t.dtype()) {
      case INT32 -> {
        int[] a = t.toIntArray();
        yield i -> Integer.toString(a[i]);
      }
      case UINT8 -> {
        byte[] a = t.toByteArray();
        yield i -> Integer.toString(a[i] & 0xFF);
      }
      default -> {
        float[] a = t.toArray();
        yield i -> number(a[i]);
      }
    };
  }

  private static String number(float v) {
    float abs = Math.abs(v);
    boolean plain = abs == 0 || abs >= 1e-3f && abs < 1e5f;
    return Float.isFinite(v)
        ? String.format(Locale.ROOT, plain ? "%.4f" : "%.4e", v)
        : Float.toString(v);
  }

  private static void append(
      StringBuilder out, IntFunction<String> element, Shape shape, int axis, int at) {
    if (axis == shape.rank()) {
      out.append(element.apply(at));
      return;
    }
    int extent = shape.dim(axis);
    int stride = (int) shape.product(axis + 1, shape.rank());
    boolean innermost = axis == shape.rank() - 1;
    String separator = innermost ? ", " : ",\n" + " ".repeat(axis + 1);
    out.append('[');
    for (int i = 0; i < extent; i++) {
      if (i > 0) {
        out.append(separator);
      }
      if (extent > LIMIT && i == EDGE) {
        out.append("...");
        i = extent - EDGE - 1;
        continue;
      }
      append(out, element, shape, axis + 1, at + i * stride);
    }
    out.append(']');
  }
}
