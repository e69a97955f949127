package dev.tilework.opencl;

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
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * An OpenCL device. Operations are enqueued and run in order; what reads a result on the host waits
 * for it. All arithmetic is float32.
 */
final class OpenClDriver implements DeviceDriver {
  private static final long STAGING = 4 << 20;

  private final Cl cl;
  private final ClDevice device;
  private final String name;
  private final Profile profile;
  private final Tuning tuning;
  private final Memory.Usage usage = new Memory.Usage();
  private Session session;

  OpenClDriver(Cl cl, ClDevice device, String name, Profile profile, Tuning tuning) {
    this.cl = cl;
    this.device = device;
    this.name = name;
    this.profile = profile;
    this.tuning = tuning;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String description() {
    return device.description();
  }

  /** The session in use; opened when first asked for, and anew after the device was lost. */
  private synchronized Session session() {
    if (session == null || session.isLost()) {
      session =
          new Session(cl, device, name, profile, tuning, KernelSource.text(profile, tuning), usage);
    }
    return session;
  }

  @Override
  public Buffer allocate(long bytes) {
    return session().memory.allocate(bytes);
  }

  @Override
  public void free(Buffer buffer) {
    ClBuffer b = (ClBuffer) buffer;
    b.session.memory.free(b);
  }

  @Override
  public void write(Buffer destination, long offset, MemorySegment source) {
    ClBuffer b = open(destination, "write");
    Session s = b.session;
    if (source.byteSize() == 0) {
      return;
    }
    if (source.isNative()) {
      s.check(name + " write", cl.write(s.queue, b.block.handle(), offset, source));
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment staging = arena.allocate(Math.min(STAGING, source.byteSize()), 64);
      for (long at = 0; at < source.byteSize(); at += STAGING) {
        long n = Math.min(STAGING, source.byteSize() - at);
        MemorySegment part = staging.asSlice(0, n).copyFrom(source.asSlice(at, n));
        s.check(name + " write", cl.write(s.queue, b.block.handle(), offset + at, part));
      }
    }
  }

  @Override
  public void read(MemorySegment destination, Buffer source, long offset) {
    ClBuffer b = open(source, "read");
    Session s = b.session;
    if (destination.byteSize() == 0) {
      return;
    }
    if (destination.isNative()) {
      s.check(name + " read", cl.read(s.queue, b.block.handle(), offset, destination));
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment staging = arena.allocate(Math.min(STAGING, destination.byteSize()), 64);
      for (long at = 0; at < destination.byteSize(); at += STAGING) {
        long n = Math.min(STAGING, destination.byteSize() - at);
        MemorySegment part = staging.asSlice(0, n);
        s.check(name + " read", cl.read(s.queue, b.block.handle(), offset + at, part));
        destination.asSlice(at, n).copyFrom(part);
      }
    }
  }

  @Override
  public void copy(
      Buffer destination, long destinationOffset, Buffer source, long sourceOffset, long bytes) {
    ClBuffer to = open(destination, "copy");
    ClBuffer from = open(source, "copy");
    Session s = to.session;
    if (bytes > 0) {
      s.check(
          name + " copy",
          cl.copy(
              s.queue,
              from.block.handle(),
              sourceOffset,
              to.block.handle(),
              destinationOffset,
              bytes));
    }
  }

  private ClBuffer open(Buffer buffer, String what) {
    ClBuffer b = (ClBuffer) buffer;
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
      run(session(), op, out, in);
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

  private static void run(Session s, Op op, List<Operand> out, List<Operand> in) {
    switch (op) {
      case ConvOp o -> Convolutions.run(s, o, out, in);
      case MatmulOp o -> Gemm.run(s, o, out, in);
      case PoolOp o -> Pooling.run(s, o, out, in);
      case ActivationOp o -> Activations.run(s, o, out, in);
      case SoftmaxOp o -> Softmax.run(s, o, out, in);
      case NormOp o -> Normalization.run(s, o, out, in);
      case LossOp o -> Losses.run(s, o, out, in);
      case ElementwiseOp o -> Elementwise.run(s, o, out, in);
      case ReduceOp o -> Reductions.run(s, o, out, in);
      case LayoutOp o -> Layout.run(s, o, out, in);
      case RandomOp o -> RandomNumbers.run(s, o, out, in);
      case OptimizerOp o -> Optimizers.run(s, o, out, in);
      case ImageOp o -> Warps.run(s, o, out, in);
    }
  }

  @Override
  public void synchronize() {
    Session s = session();
    s.check(name + " synchronize", cl.finish(s.queue));
  }

  @Override
  public MemoryUse memory() {
    return new MemoryUse(usage.live(), usage.peak(), Math.max(0, usage.taken() - usage.live()));
  }

  @Override
  public void resetPeak() {
    usage.resetPeak();
  }
}
