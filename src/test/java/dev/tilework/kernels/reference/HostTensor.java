package dev.tilework.kernels.reference;

import dev.tilework.DType;
import dev.tilework.Device;
import dev.tilework.Shape;
import dev.tilework.Tensor;
import dev.tilework.kernels.TensorSpec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Numbers in double precision, with what a float32 computation of them may be off by.
 *
 * @param values the elements, whatever the type; integers and 16-bit floats are exact in a double
 * @param magnitude for each element the sum of the absolute values of all that was added up to it:
 *     rounding errors are in proportion to this, not to the value, in which terms may cancel
 */
public record HostTensor(TensorSpec spec, double[] values, double[] magnitude) {
  /** Zeros. */
  public HostTensor(TensorSpec spec) {
    this(spec, new double[Math.toIntExact(spec.shape().elements())]);
  }

  /** Exact values. */
  public HostTensor(TensorSpec spec, double... values) {
    this(spec, values, new double[values.length]);
    for (int i = 0; i < values.length; i++) {
      magnitude[i] = Math.abs(values[i]);
    }
  }

  /** A float32 scalar. */
  public static HostTensor scalar(double value) {
    return new HostTensor(TensorSpec.f32(), value);
  }

  /** The extents. */
  public Shape shape() {
    return spec.shape();
  }

  /** The number of elements. */
  public int size() {
    return values.length;
  }

  /** An element by its position in memory. */
  public double get(int i) {
    return values[i];
  }

  /** Sets an element that one rounding can give. */
  public void set(int i, double value) {
    set(i, value, Math.abs(value));
  }

  /** Sets an element and its magnitude. */
  public void set(int i, double value, double size) {
    values[i] = value;
    magnitude[i] = size;
  }

  /** Adds a term to an element. */
  public void add(int i, double term) {
    values[i] += term;
    magnitude[i] += Math.abs(term);
  }

  /** The position of an element of a rank-4 tensor. */
  public int index(int n, int h, int w, int c) {
    Shape s = spec.shape();
    return ((n * s.dim(1) + h) * s.dim(2) + w) * s.dim(3) + c;
  }

  /** The position of an element of a rank-2 tensor. */
  public int index(int row, int column) {
    return row * spec.shape().dim(1) + column;
  }

  /** A copy with memory of its own. */
  public HostTensor copy() {
    return new HostTensor(spec, values.clone(), magnitude.clone());
  }

  /** The elements as a device stores them. */
  public MemorySegment encode() {
    byte[] bytes = new byte[Math.toIntExact(spec.bytes())];
    MemorySegment s = MemorySegment.ofArray(bytes);
    for (int i = 0; i < values.length; i++) {
      double v = values[i];
      switch (spec.dtype()) {
        case FLOAT32 -> s.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i, (float) v);
        case FLOAT16 ->
            s.set(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * i, Float.floatToFloat16((float) v));
        case BFLOAT16 ->
            s.set(
                ValueLayout.JAVA_SHORT_UNALIGNED,
                2L * i,
                (short) (Float.floatToRawIntBits((float) v) >>> 16));
        case INT32 -> s.set(ValueLayout.JAVA_INT_UNALIGNED, 4L * i, (int) v);
        case UINT8 -> bytes[i] = (byte) (int) v;
      }
    }
    return s;
  }

  /** The elements from a device's storage. */
  public static HostTensor decode(TensorSpec spec, MemorySegment s) {
    double[] a = new double[Math.toIntExact(spec.shape().elements())];
    for (int i = 0; i < a.length; i++) {
      a[i] =
          switch (spec.dtype()) {
            case FLOAT32 -> s.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i);
            case FLOAT16 -> Float.float16ToFloat(s.get(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * i));
            case BFLOAT16 ->
                Float.intBitsToFloat(s.get(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * i) << 16);
            case INT32 -> s.get(ValueLayout.JAVA_INT_UNALIGNED, 4L * i);
            case UINT8 -> s.get(ValueLayout.JAVA_BYTE, i) & 0xFF;
          };
    }
    return new HostTensor(spec, a);
  }

  /** A copy on a device. */
  public Tensor to(Device device) {
    return Tensor.from(device, encode(), spec.dtype(), spec.shape().dims());
  }

  /** A copy of a device's tensor. */
  public static HostTensor of(Tensor t) {
    MemorySegment s = MemorySegment.ofArray(new byte[Math.toIntExact(t.spec().bytes())]);
    t.read(s);
    return decode(t.spec(), s);
  }

  /** Whether the elements are integers in storage. */
  public boolean isIntegral() {
    return spec.dtype() == DType.INT32 || spec.dtype() == DType.UINT8;
  }
}
