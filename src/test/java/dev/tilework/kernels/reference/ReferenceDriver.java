package dev.tilework.kernels.reference;

import dev.tilework.DType;
import dev.tilework.Precision;
import dev.tilework.kernels.Buffer;
import dev.tilework.kernels.DeviceDriver;
import dev.tilework.kernels.Op;
import dev.tilework.kernels.Operand;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;

/**
 * A device that computes with the reference. It shows that the tests of devices accept a right one,
 * stands in where a test needs a second device, and, as float32 tensors keep their full double
 * precision from one operation to the next, differentiates whole programs numerically.
 */
public final class ReferenceDriver implements DeviceDriver {
  private final String name;
  private long live;
  private long peak;

  /** A device of a name. */
  public ReferenceDriver(String name) {
    this.name = name;
  }

  private static final class HostBuffer extends Buffer {
    private final MemorySegment memory;
    private final double[] precise;

    HostBuffer(long bytes) {
      super(bytes);
      precise = new double[Math.toIntExact((bytes + 3) / 4)];
      // An array of long, as shorter ones would not hold every type aligned.
      memory = MemorySegment.ofArray(new long[Math.toIntExact((bytes + 7) / 8)]);
    }
  }

  private static MemorySegment memory(Buffer b, long offset, long bytes) {
    return ((HostBuffer) b).memory.asSlice(offset, bytes);
  }

  private static MemorySegment memory(Operand o) {
    return memory(o.buffer(), o.offset(), o.spec().bytes());
  }

  /** The content of an operand, float32 not rounded to float32. */
  public static HostTensor content(Operand o) {
    if (o.dtype() != DType.FLOAT32) {
      return HostTensor.decode(o.spec(), memory(o));
    }
    int at = Math.toIntExact(o.offset() / 4);
    int end = at + Math.toIntExact(o.elements());
    return new HostTensor(o.spec(), Arrays.copyOfRange(((HostBuffer) o.buffer()).precise, at, end));
  }

  private static void store(HostTensor t, Operand o) {
    memory(o).copyFrom(t.encode());
    if (o.dtype() == DType.FLOAT32) {
      double[] precise = ((HostBuffer) o.buffer()).precise;
      System.arraycopy(t.values(), 0, precise, Math.toIntExact(o.offset() / 4), t.size());
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String description() {
    return "the reference in double precision";
  }

  @Override
  public synchronized Buffer allocate(long bytes) {
    live += bytes;
    peak = Math.max(peak, live);
    return new HostBuffer(bytes);
  }

  @Override
  public synchronized void free(Buffer buffer) {
    live -= buffer.bytes();
  }

  @Override
  public void write(Buffer destination, long offset, MemorySegment source) {
    memory(destination, offset, source.byteSize()).copyFrom(source);
    HostBuffer b = (HostBuffer) destination;
    for (long at = offset / 4; at * 4 + 4 <= offset + source.byteSize(); at++) {
      b.precise[(int) at] = b.memory.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * at);
    }
  }

  @Override
  public void read(MemorySegment destination, Buffer source, long offset) {
    destination.copyFrom(memory(source, offset, destination.byteSize()));
  }

  @Override
  public void copy(
      Buffer destination, long destinationOffset, Buffer source, long sourceOffset, long bytes) {
    memory(destination, destinationOffset, bytes).copyFrom(memory(source, sourceOffset, bytes));
    if (sourceOffset % 4 == 0 && destinationOffset % 4 == 0) {
      System.arraycopy(
          ((HostBuffer) source).precise,
          (int) sourceOffset / 4,
          ((HostBuffer) destination).precise,
          (int) destinationOffset / 4,
          (int) bytes / 4);
    }
  }

  @Override
  public void run(Op op, List<Operand> outputs, List<Operand> inputs, Precision precision) {
    List<HostTensor> in = inputs.stream().map(ReferenceDriver::content).toList();
    List<HostTensor> out = Reference.run(op, in);
    for (int i = 0; i < outputs.size(); i++) {
      store(out.get(i), outputs.get(i));
    }
    for (int i : op.updates()) {
      store(in.get(i), inputs.get(i));
    }
  }

  @Override
  public void synchronize() {}

  @Override
  public synchronized MemoryUse memory() {
    return new MemoryUse(live, peak, 0);
  }

  @Override
  public synchronized void resetPeak() {
    peak = live;
  }
}
