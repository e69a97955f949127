package dev.tilework.cuda;

import dev.tilework.Precision;
import dev.tilework.kernels.ActivationOp;
import dev.tilework.kernels.Buffer;
import dev.tilework.kernels.ConvOp;
import dev.tilework.kernels.DeviceDriver;
import dev.tilework.kernels.DeviceException;
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
import java.util.function.Function;
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
  private boolean closed;

  /** On a stream of the caller's, or of its own where that is null. */
  CudaDriver(GpuInfo gpu, String name, byte[] image, CUstream stream) {
    this.gpu = gpu;
    this.name = name;
    this.image = image;
    this.stream = stream;
  }

  GpuInfo gpu() {
    return gpu;
  }

  /** Another driver for the same GPU, in a stream of the caller's. */
  CudaDriver inStream(CUstream callers) {
    return new CudaDriver(gpu, name + "/stream", image, callers);
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

  /** The session in use, entered; opened when first asked for, and anew after the GPU was lost. */
  private synchronized Session enter() {
    if (closed) {
      throw new DeviceException(name + " was closed");
    }
    if (session == null || session.isLost() && stream == null) {
      session = new Session(gpu, name, image, stream);
    }
    // In a caller's stream what was lost stays so: the stream went with the GPU's context.
    session.enter();
    return session;
  }

  /** Closes the session: waits for what was enqueued, and gives back what no open tensor holds. */
  synchronized void close() {
    closed = true;
    if (session != null) {
      session.close();
    }
  }

  @Override
  public Buffer allocate(long bytes) {
    return with(s -> s.memory.allocate(bytes));
  }

  /** What {@code action} gives of the session in use, which stays entered meanwhile. */
  <T> T with(Function<Session, T> action) {
    Session s = enter();
    try {
      return action.apply(s);
    } finally {
      s.leave();
    }
  }

  @Override
  public void free(Buffer buffer) {
    CudaBuffer b = (CudaBuffer) buffer;
    b.session.memory.free(b);
  }

  @Override
  public void write(Buffer destination, long offset, MemorySegment source) {
    CudaBuffer b = (CudaBuffer) destination;
    within(
        b.session,
        "write",
        () -> b.session.staging.write(b.address.withByteOffset(offset), source));
  }

  @Override
  public void read(MemorySegment destination, Buffer source, long offset) {
    CudaBuffer b = (CudaBuffer) source;
    within(
        b.session,
        "read",
        () -> b.session.staging.read(destination, b.address.withByteOffset(offset)));
  }

  @Override
  public void copy(
      Buffer destination, long destinationOffset, Buffer source, long sourceOffset, long bytes) {
    CudaBuffer to = (CudaBuffer) destination;
    CudaBuffer from = (CudaBuffer) source;
    within(
        to.session,
        "copy",
        () -> {
          from.session.requireAlive();
          to.session.copy(
              to.address.withByteOffset(destinationOffset),
              from.address.withByteOffset(sourceOffset),
              bytes);
        });
  }

  private void within(Session s, String what, Runnable action) {
    try {
      s.enter();
      try {
        action.run();
      } finally {
        s.leave();
      }
    } catch (DeviceException e) {
      throw e.during(name + " " + what);
    }
  }

  @Override
  public void run(Op op, List<Operand> out, List<Operand> in, Precision precision) {
    try {
      Session s = enter();
      try {
        requireAlive(out);
        requireAlive(in);
        run(s, op, out, in, precision);
      } finally {
        s.leave();
      }
    } catch (DeviceException e) {
      throw e.during(op.name() + " of " + in.stream().map(Operand::spec).toList() + " on " + name);
    }
  }

  private static void requireAlive(List<Operand> operands) {
    for (Operand o : operands) {
      ((CudaBuffer) o.buffer()).session.requireAlive();
    }
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
    Session s = current();
    if (s != null) {
      within(s, "synchronize", s::synchronize);
    }
  }

  /** The session in use, or null where nothing is on the GPU. */
  private synchronized Session current() {
    return session == null || session.isLost() ? null : session;
  }

  @Override
  public MemoryUse memory() {
    Session s = current();
    return s == null ? new MemoryUse(0, 0, 0) : s.memory.use();
  }

  @Override
  public void resetPeak() {
    Session s = current();
    if (s != null) {
      s.memory.resetPeak();
    }
  }
}
