package dev.tilework.cuda;

import dev.tilework.Precision;
import dev.tilework.kernels.ActivationOp;
import dev.tilework.kernels.Buffer;
import dev.tilework.kernels.ConvOp;
import dev.tilework.kernels.DeviceDriver;
import dev.tilework.kernels.DeviceException;
import dev.tilework.kernels.DeviceLostException;
import dev.tilework.kernels.ElementwiseOp;
import dev.tilework.kernels.ImageOp;
import dev.tilework.kernels.LayoutOp;
import dev.tilework.kernels.LossOp;
import dev.tilework.kernels.MatmulOp;
import dev.tilework.kernels.NormOp;
import dev.tilework.kernels.Op;
import dev.tilework.kernels.Operand;
import dev.tilework.kernels.OptimizerOp;
import dev.tilework.kernels.OutOfDeviceMemoryException;
import dev.tilework.kernels.PoolOp;
import dev.tilework.kernels.RandomOp;
import dev.tilework.kernels.ReduceOp;
import dev.tilework.kernels.SoftmaxOp;
import java.lang.foreign.MemorySegment;
import java.util.List;
import jcuda.driver.CUstream;

/**
 * An NVIDIA GPU. Operations are enqueued in one stream and run in order; what reads a result on the
 * host waits for it.
 */
final class CudaDriver implements DeviceDriver {
  private final GpuInfo gpu;
  private final String name;
  private final byte[] image;
  private final CUstream stream;
  private Session session;

  /** On a stream of the caller's, or of its own where that is null. */
  CudaDriver(GpuInfo gpu, String name, byte[] image, CUstream stream) {
    this.gpu = gpu;
    this.name = name;
    this.image = image;
    this.stream = stream;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String description() {
    return gpu.description();
  }

  @Override
  public List<Precision> precisions() {
    return List.of(Precision.TF32, Precision.FP32, Precision.BF16, Precision.FP16);
  }

  /** The session in use; opened when first asked for, and anew after the GPU was lost. */
  synchronized Session session() {
    if (session != null && session.isLost()) {
      session.reset();
      session = null;
    }
    if (session == null) {
      session = new Session(gpu, name, image, stream);
    }
    return session;
  }

  @Override
  public Buffer allocate(long bytes) {
    return session().memory.allocate(bytes);
  }

  @Override
  public void free(Buffer buffer) {
    CudaBuffer b = (CudaBuffer) buffer;
    b.session.memory.free(b);
  }

  @Override
  public void write(Buffer destination, long offset, MemorySegment source) {
    CudaBuffer b = open(destination, "write");
    b.session.staging.write(b.address.withByteOffset(offset), source);
  }

  @Override
  public void read(MemorySegment destination, Buffer source, long offset) {
    CudaBuffer b = open(source, "read");
    b.session.staging.read(destination, b.address.withByteOffset(offset));
  }

  @Override
  public void copy(
      Buffer destination, long destinationOffset, Buffer source, long sourceOffset, long bytes) {
    CudaBuffer to = open(destination, "copy");
    CudaBuffer from = open(source, "copy");
    to.session.copy(
        to.address.withByteOffset(destinationOffset),
        from.address.withByteOffset(sourceOffset),
        bytes);
  }

  private CudaBuffer open(Buffer buffer, String what) {
    CudaBuffer b = (CudaBuffer) buffer;
    try {
      b.session.requireAlive();
    } catch (DeviceLostException e) {
      throw new DeviceLostException(name + " " + what + ": " + e.getMessage(), e);
    }
    return b;
  }

  @Override
  public void run(Op op, List<Operand> out, List<Operand> in, Precision precision) {
    try {
      run(session(), op, out, in, precision);
    } catch (DeviceLostException e) {
      throw new DeviceLostException(message(op, in, e), e);
    } catch (OutOfDeviceMemoryException e) {
      throw new OutOfDeviceMemoryException(message(op, in, e), e);
    } catch (DeviceException e) {
      throw new DeviceException(message(op, in, e), e);
    }
  }

  private String message(Op op, List<Operand> in, DeviceException e) {
    return op.name()
        + " of "
        + in.stream().map(Operand::spec).toList()
        + " on "
        + name
        + ": "
        + e.getMessage();
  }

  private static void run(
      Session s, Op op, List<Operand> out, List<Operand> in, Precision precision) {
    switch (op) {
      case ConvOp o -> Convolutions.run(s, o, out, in, precision);
      case MatmulOp o -> Gemm.run(s, o, out, in, precision);
      case PoolOp o -> Pooling.run(s, o, out, in);
      case ActivationOp o -> Activations.run(s, o, out, in);
      case SoftmaxOp o -> Softmax.run(s, o, out, in);
      case NormOp o -> Normalization.run(s, o, out, in);
      case LossOp o -> Losses.run(s, o, out, in);
      case ElementwiseOp o -> Elementwise.run(s, o, out, in);
      case ReduceOp o -> Reductions.run(s, o, out, in);
      case LayoutOp o -> Layout.run(s, o, out, in);
      case RandomOp o -> RandomNumbers.run(s, o, out, in);
      case OptimizerOp o -> Optimizers.run(s, o, in);
      case ImageOp o -> Warps.run(s, o, out, in);
    }
  }

  @Override
  public void synchronize() {
    session().synchronize();
  }

  @Override
  public MemoryUse memory() {
    return session().memory.use();
  }

  @Override
  public void resetPeak() {
    session().memory.resetPeak();
  }
}
