package dev.tilework;

import dev.tilework.kernels.Buffer;
import dev.tilework.kernels.ElementwiseOp;
import dev.tilework.kernels.ElementwiseOp.Binary;
import dev.tilework.kernels.LayoutOp;
import dev.tilework.kernels.MatmulOp;
import dev.tilework.kernels.Operand;
import dev.tilework.kernels.RandomOp;
import dev.tilework.kernels.ReduceOp;
import dev.tilework.kernels.ReduceOp.Reduce;
import dev.tilework.kernels.TensorSpec;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A dense array of numbers on a device. Images are NHWC: (batch, rows, columns, channels); weights
 * of a convolution are (out, kernelH, kernelW, in). The last axis is contiguous.
 *
 * <p>A tensor holds device memory until it is closed: by {@link #close}, or with the {@link Scope}
 * in which it was made. Views ({@link #reshape}, and {@link #slice} along the first axis) share
 * memory, which lives until the last of them is closed. For gradients see {@code
 * dev.tilework.autograd.Variable}.
 */
public final class Tensor implements AutoCloseable {
  final Storage storage;
  final long offset;
  private final TensorSpec spec;
  private volatile boolean closed;
  volatile Scope scope;
  int scopeIndex;

  Tensor(Storage storage, long offset, TensorSpec spec) {
    this.storage = storage;
    this.offset = offset;
    this.spec = spec;
    Scope s = Scope.current();
    if (s != null) {
      s.add(this);
    }
  }

  // ---- Creation

  /** A float32 tensor of the given values on the current device. */
  public static Tensor of(float[] values, int... dims) {
    return of(Devices.current(), values, dims);
  }

  /** A float32 tensor of the given values. */
  public static Tensor of(Device device, float[] values, int... dims) {
    return from(device, MemorySegment.ofArray(values), DType.FLOAT32, dims);
  }

  /** An int32 tensor of the given values on the current device. */
  public static Tensor ofInts(int[] values, int... dims) {
    return ofInts(Devices.current(), values, dims);
  }

  /** An int32 tensor of the given values. */
  public static Tensor ofInts(Device device, int[] values, int... dims) {
    return from(device, MemorySegment.ofArray(values), DType.INT32, dims);
  }

  /** A uint8 tensor of the given values on the current device. */
  public static Tensor ofBytes(byte[] values, int... dims) {
    return ofBytes(Devices.current(), values, dims);
  }

  /** A uint8 tensor of the given values. */
  public static Tensor ofBytes(Device device, byte[] values, int... dims) {
    return from(device, MemorySegment.ofArray(values), DType.UINT8, dims);
  }

  /**
   * A tensor with the bytes of a segment, in the platform's byte order; also for direct buffers, by
   * {@link MemorySegment#ofBuffer}.
   *
   * @throws IllegalArgumentException when the size is not that of the shape
   */
  public static Tensor from(Device device, MemorySegment values, DType dtype, int... dims) {
    TensorSpec spec = new TensorSpec(Shape.of(dims), dtype);
    if (values.byteSize() != spec.bytes()) {
      throw new IllegalArgumentException(
          "tensor " + spec + " takes " + spec.bytes() + " bytes, got " + values.byteSize());
    }
    Tensor t = device.allocate(spec);
    if (spec.bytes() > 0) {
      device.driver().write(t.storage.buffer, 0, values);
      t.storage.buffer.written();
    }
    return t;
  }

  /**
   * A tensor over a buffer that the device's driver made; for devices and what is built beside
   * them. The buffer is given to {@link dev.tilework.kernels.DeviceDriver#free} when the last view
   * is closed.
   *
   * @throws IllegalArgumentException when the buffer is smaller than the shape
   */
  public static Tensor over(Device device, Buffer buffer, DType dtype, int... dims) {
    TensorSpec spec = new TensorSpec(Shape.of(dims), dtype);
    if (buffer.bytes() < spec.bytes()) {
      throw new IllegalArgumentException(
          "tensor " + spec + " takes " + spec.bytes() + " bytes, got " + buffer.bytes());
    }
    return new Tensor(new Storage(device, buffer), 0, spec);
  }

  /** A float32 tensor of zeros on the current device. */
  public static Tensor zeros(int... dims) {
    return zeros(Devices.current(), dims);
  }

  /** A float32 tensor of zeros. */
  public static Tensor zeros(Device device, int... dims) {
    return full(device, 0, dims);
  }

  /** A float32 tensor of one value. */
  public static Tensor full(Device device, float value, int... dims) {
    return device.run1(new LayoutOp.Fill(Shape.of(dims), DType.FLOAT32, value));
  }

  /** A float32 tensor of one value on the current device. */
  public static Tensor full(float value, int... dims) {
    return full(Devices.current(), value, dims);
  }

  /** Uniform random numbers in [low, high); the same for the same seed on every device. */
  public static Tensor uniform(Device device, float low, float high, long seed, int... dims) {
    return device.run1(new RandomOp.Uniform(Shape.of(dims), low, high, seed, 0));
  }

  /** Normal random numbers; the same, up to rounding, for the same seed on every device. */
  public static Tensor normal(Device device, float mean, float deviation, long seed, int... dims) {
    return device.run1(new RandomOp.Normal(Shape.of(dims), mean, deviation, seed, 0));
  }

  /**
   * A tensor with the values of an array in NCHW order, converted to this library's NHWC.
   *
   * @param n images
   * @param c channels
   * @param h rows
   * @param w columns
   */
  public static Tensor fromNchw(Device device, float[] values, int n, int c, int h, int w) {
    try (Tensor t = of(device, values, n, c, h, w)) {
      return t.transpose(0, 2, 3, 1);
    }
  }

  // ---- What it is

  /** The extents. */
  public Shape shape() {
    return spec.shape();
  }

  /** The element type. */
  public DType dtype() {
    return spec.dtype();
  }

  /** The shape and the element type. */
  public TensorSpec spec() {
    return spec;
  }

  /** Where it lives. */
  public Device device() {
    return storage.device;
  }

  /** The number of elements. */
  public long elements() {
    return spec.shape().elements();
  }

  /** How often the memory was written, by any of the tensors that share it. */
  public long version() {
    return storage.buffer.version();
  }

  /** Whether another open tensor shares the memory. */
  public boolean sharesMemory() {
    return storage.isShared();
  }

  /** Whether it was closed. */
  public boolean isClosed() {
    return closed;
  }

  // ---- Reading and writing

  /** The values, from the outermost axis in. The type must be floating. */
  public float[] toArray() {
    requireOpen("toArray", "the tensor");
    if (dtype() != DType.FLOAT32) {
      if (!dtype().isFloating()) {
        throw new IllegalArgumentException(
            "toArray: got " + summary() + ", expected a floating type");
      }
      try (Tensor t = cast(DType.FLOAT32)) {
        return t.toArray();
      }
    }
    float[] a = new float[Math.toIntExact(elements())];
    read(MemorySegment.ofArray(a));
    return a;
  }

  /** The values of an int32 tensor. */
  public int[] toIntArray() {
    requireType("toIntArray", DType.INT32);
    int[] a = new int[Math.toIntExact(elements())];
    read(MemorySegment.ofArray(a));
    return a;
  }

  /** The values of a uint8 tensor. */
  public byte[] toByteArray() {
    requireType("toByteArray", DType.UINT8);
    byte[] a = new byte[Math.toIntExact(elements())];
    read(MemorySegment.ofArray(a));
    return a;
  }

  /** The values of a rank-4 tensor in NCHW order. */
  public float[] toNchw() {
    try (Tensor t = transpose(0, 3, 1, 2)) {
      return t.toArray();
    }
  }

  /** The only value of a floating tensor of one element. */
  public float item() {
    if (elements() != 1) {
      throw new IllegalArgumentException("item: got " + summary() + ", expected one element");
    }
    return toArray()[0];
  }

  /** Copies all bytes into a segment of exactly their size, in the platform's byte order. */
  public void read(MemorySegment destination) {
    requireOpen("read", "the tensor");
    requireSize("read", destination);
    if (spec.bytes() > 0) {
      device().driver().read(destination, storage.buffer, offset);
      Reference.reachabilityFence(this);
    }
  }

  /** Overwrites all bytes from a segment of exactly their size, in the platform's byte order. */
  public void write(MemorySegment source) {
    requireOpen("write", "the tensor");
    requireSize("write", source);
    if (spec.bytes() > 0) {
      device().driver().write(storage.buffer, offset, source);
      storage.buffer.written();
      Reference.reachabilityFence(this);
    }
  }

  /** Overwrites the content with that of another tensor of the same shape and type. */
  public void set(Tensor source) {
    requireOpen("set", "the tensor");
    source.requireOpen("set", "the source");
    if (!source.spec.equals(spec)) {
      throw new IllegalArgumentException("set: got " + source.summary() + ", expected " + spec);
    }
    if (source.device() == device()) {
      device()
          .driver()
          .copy(storage.buffer, offset, source.storage.buffer, source.offset, spec.bytes());
      storage.buffer.written();
      Reference.reachabilityFence(this);
      Reference.reachabilityFence(source);
    } else {
      write(source.hostCopy());
    }
  }

  /** This tensor if it is on the device already, else a copy there. */
  public Tensor to(Device device) {
    requireOpen("to", "the tensor");
    return device == device() ? this : from(device, hostCopy(), dtype(), shape().dims());
  }

  /** A tensor of its own memory with the same content. */
  public Tensor copy() {
    requireOpen("copy", "the tensor");
    Tensor t = device().allocate(spec);
    t.set(this);
    return t;
  }

  private MemorySegment hostCopy() {
    MemorySegment s = MemorySegment.ofArray(new long[Math.toIntExact((spec.bytes() + 7) / 8)]);
    s = s.asSlice(0, spec.bytes());
    read(s);
    return s;
  }

  // ---- Views and layout

  /** The same elements in another shape; one extent may be -1 and is computed. Shares memory. */
  public Tensor reshape(int... dims) {
    requireOpen("reshape", "the tensor");
    Shape s = reshaped(dims);
    return view(offset, new TensorSpec(s, dtype()));
  }

  private Shape reshaped(int... dims) {
    int[] d = dims.clone();
    int open = -1;
    long known = 1;
    for (int i = 0; i < d.length; i++) {
      if (d[i] == -1 && open < 0) {
        open = i;
      } else {
        known *= d[i];
      }
    }
    if (open >= 0 && known > 0 && elements() % known == 0) {
      d[open] = Math.toIntExact(elements() / known);
    }
    for (int e : d) {
      if (e < 0) {
        known = -1;
      }
    }
    if (known < 0 || Shape.of(d).elements() != elements()) {
      throw new IllegalArgumentException(
          "reshape: " + summary() + " does not fit into " + java.util.Arrays.toString(dims));
    }
    return Shape.of(d);
  }

  /**
   * A range of an axis; shares memory when only the first axis longer than 1 is cut, else copies.
   */
  public Tensor slice(int axis, int start, int length) {
    int a = shape().axis(axis);
    LayoutOp.Slice op = new LayoutOp.Slice(a, start, length);
    if (shape().product(0, a) != 1) {
      return device().run1(op, this);
    }
    requireOpen("slice", "the tensor");
    TensorSpec s = op.outputs(List.of(spec)).getFirst();
    long stride = shape().product(a + 1, shape().rank()) * dtype().bytes();
    return view(offset + start * stride, s);
  }

  private Tensor view(long at, TensorSpec s) {
    storage.retain();
    return new Tensor(storage, at, s);
  }

  /** A copy with the axes in another order: result axis i is this tensor's axis {@code axes[i]}. */
  public Tensor transpose(int... axes) {
    return device().run1(new LayoutOp.Transpose(IntStream.of(axes).boxed().toList()), this);
  }

  /** Tensors one after another along an axis. */
  public static Tensor concat(int axis, Tensor... tensors) {
    if (tensors.length == 0) {
      throw new IllegalArgumentException("concat: got no tensors, expected at least one");
    }
    int a = tensors[0].shape().axis(axis);
    return tensors[0].device().run1(new LayoutOp.Concat(a), tensors);
  }

  /** A copy in another element type; see {@link ElementwiseOp.Cast} for the rounding. */
  public Tensor cast(DType to) {
    return device().run1(new ElementwiseOp.Cast(to), this);
  }

  // ---- Arithmetic

  /** This plus another tensor, broadcasting. */
  public Tensor add(Tensor b) {
    return binary(Binary.Kind.ADD, b);
  }

  /** This minus another tensor, broadcasting. */
  public Tensor subtract(Tensor b) {
    return binary(Binary.Kind.SUBTRACT, b);
  }

  /** This times another tensor element by element, broadcasting. */
  public Tensor multiply(Tensor b) {
    return binary(Binary.Kind.MULTIPLY, b);
  }

  /** This divided by another tensor, broadcasting. */
  public Tensor divide(Tensor b) {
    return binary(Binary.Kind.DIVIDE, b);
  }

  private Tensor binary(Binary.Kind kind, Tensor b) {
    return device().run1(new Binary(kind), this, b);
  }

  /** This plus a number. */
  public Tensor add(float shift) {
    return device().run1(new ElementwiseOp.Affine(1, shift), this);
  }

  /** This times a number. */
  public Tensor multiply(float scale) {
    return device().run1(new ElementwiseOp.Affine(scale, 0), this);
  }

  /** The matrix product of two tensors of rank 2. */
  public Tensor matmul(Tensor b) {
    return device().run1(new MatmulOp.Matmul(false, false, false), this, b);
  }

  /** The sum over axes, or over all where none is named. */
  public Tensor sum(int... axes) {
    return reduce(Reduce.Kind.SUM, axes);
  }

  /** The mean over axes, or over all where none is named. */
  public Tensor mean(int... axes) {
    return reduce(Reduce.Kind.MEAN, axes);
  }

  /** The maximum over axes, or over all where none is named. */
  public Tensor max(int... axes) {
    return reduce(Reduce.Kind.MAX, axes);
  }

  private Tensor reduce(Reduce.Kind kind, int... axes) {
    return device().run1(new Reduce(kind, axes(shape(), axes), false), this);
  }

  /** Axes as increasing numbers from 0; all where none is named. */
  private static List<Integer> axes(Shape shape, int... axes) {
    IntStream all =
        axes.length == 0 ? IntStream.range(0, shape.rank()) : IntStream.of(axes).map(shape::axis);
    return new ArrayList<>(all.sorted().distinct().boxed().toList());
  }

  /** The positions of the largest elements along an axis, as int32. */
  public Tensor argmax(int axis) {
    return device().run1(new ReduceOp.ArgMax(shape().axis(axis)), this);
  }

  // ---- Lifetime

  /** Gives the memory back, unless a view still uses it. A second call does nothing. */
  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    Scope s = scope;
    if (s != null) {
      s.remove(this);
    }
    storage.release();
  }

  /**
   * Takes this tensor out of every scope: it lives until {@link #close}, as parameters do.
   *
   * @return this
   */
  public Tensor unscoped() {
    Scope s = scope;
    if (s != null) {
      s.remove(this);
    }
    return this;
  }

  void requireOpen(String operation, String role) {
    if (closed) {
      throw new IllegalStateException(operation + ": " + role + " " + summary() + " was closed");
    }
  }

  private void requireType(String operation, DType type) {
    requireOpen(operation, "the tensor");
    if (dtype() != type) {
      throw new IllegalArgumentException(operation + ": got " + summary() + ", expected " + type);
    }
  }

  private void requireSize(String operation, MemorySegment segment) {
    if (segment.byteSize() != spec.bytes()) {
      throw new IllegalArgumentException(
          operation
              + ": "
              + summary()
              + " takes "
              + spec.bytes()
              + " bytes, got "
              + segment.byteSize());
    }
  }

  boolean overlaps(Tensor other) {
    return storage == other.storage
        && offset < other.offset + other.spec.bytes()
        && other.offset < offset + spec.bytes();
  }

  /**
   * The tensor as its device sees it; for devices and what is built beside them. Whoever uses the
   * buffer keeps the tensor open meanwhile.
   *
   * @throws IllegalStateException when the tensor was closed
   */
  public Operand operand() {
    requireOpen("operand", "the tensor");
    return new Operand(storage.buffer, offset, spec);
  }

  /** Type, shape and device in a few words. */
  public String summary() {
    return spec + " on " + device().name();
  }

  /** Type, shape, device and the values, the middle of long axes left out. */
  @Override
  public String toString() {
    return closed ? summary() + " (closed)" : summary() + "\n" + TensorFormat.format(this);
  }
}
