package dev.tilework.cpu;

import dev.tilework.Precision;
import dev.tilework.kernels.ActivationOp;
import dev.tilework.kernels.Buffer;
import dev.tilework.kernels.ConvOp;
import dev.tilework.kernels.DeviceDriver;
import dev.tilework.kernels.ElementwiseOp;
import dev.tilework.kernels.ImageOp;
import dev.tilework.kernels.LayoutOp;
import dev.tilework.kernels.LossOp;
import dev.tilework.kernels.MatmulOp;
import dev.tilework.kernels.NormOp;
import dev.tilework.kernels.Op;
import dev.tilework.kernels.Operand;
import dev.tilework.kernels.OptimizerOp;
import dev.tilework.kernels.PoolOp;
import dev.tilework.kernels.RandomOp;
import dev.tilework.kernels.ReduceOp;
import dev.tilework.kernels.SoftmaxOp;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** The CPU: every operation runs before the call returns, on all processors, in float32. */
final class CpuDriver implements DeviceDriver {
  private final CpuMemory memory = new CpuMemory();

  @Override
  public String name() {
    return "cpu";
  }

  @Override
  public String description() {
    return System.getProperty("os.arch")
        + ", "
        + Parallel.THREADS
        + (Parallel.THREADS == 1 ? " thread" : " threads")
        + ", vectors of "
        + Simd.S.vectorBitSize()
        + " bits";
  }

  @Override
  public Buffer allocate(long bytes) {
    return memory.allocate(bytes);
  }

  @Override
  public void free(Buffer buffer) {
    memory.free((CpuBuffer) buffer);
  }

  @Override
  public void write(Buffer destination, long offset, MemorySegment source) {
    ((CpuBuffer) destination).segment(offset, source.byteSize()).copyFrom(source);
  }

  @Override
  public void read(MemorySegment destination, Buffer source, long offset) {
    destination.copyFrom(((CpuBuffer) source).segment(offset, destination.byteSize()));
  }

  @Override
  public void copy(
      Buffer destination, long destinationOffset, Buffer source, long sourceOffset, long bytes) {
    ((CpuBuffer) destination)
        .segment(destinationOffset, bytes)
        .copyFrom(((CpuBuffer) source).segment(sourceOffset, bytes));
  }

  @Override
  public void run(Op op, List<Operand> out, List<Operand> in, Precision precision) {
    switch (op) {
      case ConvOp o -> Convolutions.run(o, out, in, memory);
      case MatmulOp.Matmul o -> Gemm.run(o, out, in, memory);
      case PoolOp o -> Pooling.run(o, out, in);
      case ActivationOp o -> Activations.run(o, out, in);
      case SoftmaxOp o -> Softmax.run(o, out, in);
      case NormOp o -> Normalization.run(o, out, in);
      case LossOp o -> Losses.run(o, out, in);
      case ElementwiseOp o -> Elementwise.run(o, out, in);
      case ReduceOp o -> Reductions.run(o, out, in);
      case LayoutOp o -> Layout.run(o, out, in);
      case RandomOp o -> Philox.run(o, out, in);
      case OptimizerOp o -> Optimizers.run(o, in);
      case ImageOp.Warp o -> Warps.run(o, out, in);
      case ImageOp.Mix _ -> Mixes.run(out, in);
    }
  }

  /** The address of an operand's first element. */
  static long address(Operand o) {
    return ((CpuBuffer) o.buffer()).address + o.offset();
  }

  @Override
  public void synchronize() {}

  @Override
  public MemoryUse memory() {
    return memory.use();
  }

  @Override
  public void resetPeak() {
    memory.resetPeak();
  }
}
