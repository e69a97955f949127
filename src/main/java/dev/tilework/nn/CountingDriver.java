package dev.tilework.nn;

import dev.tilework.Precision;
import dev.tilework.kernels.Buffer;
import dev.tilework.kernels.ConvOp;
import dev.tilework.kernels.DeviceDriver;
import dev.tilework.kernels.MatmulOp;
import dev.tilework.kernels.Op;
import dev.tilework.kernels.Operand;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** A device whose tensors have shapes but no values: it counts the work and does none of it. */
final class CountingDriver implements DeviceDriver {
  /** Convolutions and matrix products run so far. */
  int layers;

  /** Two for each multiply-add of those. */
  long flops;

  private static final class Nothing extends Buffer {
    Nothing(long bytes) {
      super(bytes);
    }
  }

  @Override
  public String name() {
    return "shapes";
  }

  @Override
  public String description() {
    return "shapes without values";
  }

  @Override
  public Buffer allocate(long bytes) {
    return new Nothing(bytes);
  }

  @Override
  public void free(Buffer buffer) {}

  @Override
  public void write(Buffer destination, long offset, MemorySegment source) {}

  @Override
  public void read(MemorySegment destination, Buffer source, long offset) {
    throw new UnsupportedOperationException("a network's work is counted by shapes, not values");
  }

  @Override
  public void copy(
      Buffer destination, long destinationOffset, Buffer source, long sourceOffset, long bytes) {}

  @Override
  public void run(Op op, List<Operand> outputs, List<Operand> inputs, Precision precision) {
    switch (op) {
      case ConvOp o -> count(o.geometry().flops());
      case MatmulOp.Matmul o -> {
        var a = inputs.get(0).spec().shape();
        int inner = a.dim(o.transposeA() ? 0 : 1);
        count(2 * outputs.getFirst().spec().shape().elements() * inner);
      }
      default -> {}
    }
  }

  private void count(long f) {
    layers++;
    flops += f;
  }

  @Override
  public void synchronize() {}

  @Override
  public MemoryUse memory() {
    return new MemoryUse(0, 0, 0);
  }

  @Override
  public void resetPeak() {}
}
