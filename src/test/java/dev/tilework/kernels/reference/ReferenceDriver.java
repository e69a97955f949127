package dev.tilework.kernels.reference;

import dev.tilework.Precision;
import dev.tilework.kernels.Buffer;
import dev.tilework.kernels.DeviceDriver;
import dev.tilework.kernels.Op;
import dev.tilework.kernels.Operand;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * A device that computes with the reference. It shows that the tests of devices accept a right one,
 * and stands in where a test needs a second device.
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

    HostBuffer(long bytes) {
      super(bytes);
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
  }

  @Override
  public void read(MemorySegment destination, Buffer source, long offset) {
    destination.copyFrom(memory(source, offset, destination.byteSize()));
  }

  @Override
  public void copy(
      Buffer destination, long destinationOffset, Buffer source, long sourceOffset, long bytes) {
    memory(destination, destinationOffset, bytes).copyFrom(memory(source, sourceOffset, bytes));
  }

  @Override
  public void run(Op op, List<Operand> outputs, List<Operand> inputs, Precision precision) {
    List<HostTensor> in = inputs.stream().map(o -> HostTensor.decode(o.spec(), memory(o))).toList();
    List<HostTensor> out = Reference.run(op, in);
    for (int i = 0; i < outputs.size(); i++) {
      memory(outputs.get(i)).copyFrom(out.get(i).encode());
    }
    for (int i : op.updates()) {
      memory(inputs.get(i)).copyFrom(in.get(i).encode());
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
