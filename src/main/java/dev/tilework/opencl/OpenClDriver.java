package dev.tilework.opencl;

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
import dev.tilework.kernels.Tunable;
import dev.tilework.kernels.memory.Usage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;

/**
 * An OpenCL device. Operations are enqueued and run in order; what reads a result on the host waits
 * for it. All arithmetic is float32. Not final, so that tests can open other sessions.
 */
class OpenClDriver implements DeviceDriver, Tunable {
  private final Cl cl;
  private final ClDevice device;
  private final String name;
  private final Profile profile;
  private final Tuning tuning;
  private final Usage usage = new Usage();
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
    boolean tuned = !tuning.differences(Tuning.standard(profile, device)).isEmpty();
    return device.description() + (tuned ? ", tuned" : "");
  }

  ClDevice device() {
    return device;
  }

  /**
   * The session in use, entered; opened when first asked for, and anew after the device was lost.
   */
  private synchronized Session enter() {
    if (session == null || session.isLost()) {
      session = open();
    }
    session.enter();
    return session;
  }

  /** A new session. */
  Session open() {
    return new Session(cl, device, name, profile, tuning, source(), usage);
  }

  /** The program's text. */
  String source() {
    return KernelSource.text(profile, tuning);
  }

  @Override
  public Buffer allocate(long bytes) {
    Session s = enter();
    try {
      return s.memory.allocate(bytes);
    } finally {
      s.leave();
    }
  }

  @Override
  public void free(Buffer buffer) {
    ClBuffer b = (ClBuffer) buffer;
    b.session.memory.free(b);
  }

  @Override
  public void write(Buffer destination, long offset, MemorySegment source) {
    ClBuffer b = (ClBuffer) destination;
    within(b.session, name + " write", () -> Transfers.write(b, offset, source));
  }

  @Override
  public void read(MemorySegment destination, Buffer source, long offset) {
    ClBuffer b = (ClBuffer) source;
    within(b.session, name + " read", () -> Transfers.read(destination, b, offset));
  }

  @Override
  public void copy(
      Buffer destination, long destinationOffset, Buffer source, long sourceOffset, long bytes) {
    ClBuffer to = (ClBuffer) destination;
    ClBuffer from = (ClBuffer) source;
    within(
        to.session,
        name + " copy",
        () -> {
          from.session.requireAlive();
          Transfers.copy(to, destinationOffset, from, sourceOffset, bytes);
        });
  }

  private static void within(Session s, String what, Runnable action) {
    try {
      s.enter();
      try {
        action.run();
      } finally {
        s.leave();
      }
    } catch (DeviceException e) {
      throw e.during(what);
    }
  }

  @Override
  public void run(Op op, List<Operand> out, List<Operand> in, Precision precision) {
    try {
      Session s = enter();
      try {
        requireAlive(out);
        requireAlive(in);
        run(s, op, out, in);
      } finally {
        s.leave();
      }
    } catch (DeviceException e) {
      throw e.during(op.name() + " of " + in.stream().map(Operand::spec).toList() + " on " + name);
    }
  }

  private static void requireAlive(List<Operand> operands) {
    for (Operand o : operands) {
      ((ClBuffer) o.buffer()).session.requireAlive();
    }
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
    Session s;
    synchronized (this) {
      if (session == null || session.isLost()) {
        return;
      }
      s = session;
    }
    within(s, name + " synchronize", () -> s.check("queue", "clFinish", cl.finish(s.queue)));
  }

  @Override
  public MemoryUse memory() {
    return usage.use();
  }

  @Override
  public void resetPeak() {
    usage.resetPeak();
  }

  @Override
  public Report tune(Path file, Progress progress) throws IOException {
    Path to = file != null ? file : TuningFile.standard(device, profile);
    TuningFile.folder(to);
    List<Parameter> parameters =
        Arrays.stream(Parameter.values()).filter(p -> p.matters(profile)).toList();
    Tuner.Result found =
        new Tuner(
                t -> new OpenClDriver(cl, device, name, profile, t),
                device,
                profile,
                Workload.standard(),
                parameters,
                progress)
            .run();
    TuningFile.of(device, profile, LocalDate.now().toString(), found).write(to);
    Tuning standard = Tuning.standard(profile, device);
    return new Report(to, found.tuning().differences(standard), found.rates());
  }

  /** Gives back what the device holds, for drivers that are made for a while. */
  synchronized void close() {
    if (session != null && !session.isLost()) {
      session.close();
    }
    session = null;
  }
}
