package dev.tilework.opencl;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.tilework.Device;
import dev.tilework.TestDevices;
import dev.tilework.kernels.DeviceProvider.Discovery;
import java.lang.foreign.MemorySegment;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Assumptions;

/** An OpenCL device whose calls fail when a test says so, and which counts what it holds. */
public final class FaultyDevice implements AutoCloseable {
  private final FaultyCl cl = new FaultyCl();
  private final Driver driver;
  private final Device device;

  /** A device found on this machine; the test is skipped where there is none. */
  public static FaultyDevice open() {
    return with(d -> d, null);
  }

  /**
   * A device with limits or kernels of its own.
   *
   * @param limits changes the device's limits
   * @param source the kernels; the library's where null
   */
  static FaultyDevice with(UnaryOperator<ClDevice> limits, String source) {
    Discovery found = new OpenClProvider().discover();
    Assumptions.assumeFalse(found.drivers().isEmpty(), found.explanation());
    OpenClDriver real = (OpenClDriver) found.drivers().getFirst();
    return new FaultyDevice(limits.apply(real.device()), source);
  }

  private FaultyDevice(ClDevice hardware, String source) {
    driver = new Driver(cl, hardware, source);
    device = TestDevices.of(driver);
  }

  /** The device, for tensors. */
  public Device device() {
    return device;
  }

  /** The calls counted from now on, and none of them fails. */
  public void reset() {
    cl.calls = 0;
    cl.failing = -1;
  }

  /** The calls since {@link #reset}, but for questions and releases. */
  public int calls() {
    return cl.calls;
  }

  /** Makes one call fail: that which comes after {@code n} others. */
  public void failAfter(int n, int status) {
    reset();
    cl.failing = n;
    cl.status = status;
  }

  /** Makes every call fail that has to do with the session in use. */
  void lose(int status) {
    cl.status = status;
    // Another session may be opened as soon as the first of the two is noted.
    Session s = driver.last;
    cl.lost.add(s.context);
    cl.lost.add(s.queue);
  }

  /** The session in use. */
  Session session() {
    return driver.last;
  }

  /** How often the device was opened. */
  int sessions() {
    return driver.sessions;
  }

  /** Buffers and kernels of OpenCL's that were not released. */
  public Set<Long> held() {
    return cl.held;
  }

  /** Closes the session, once; of its handles none should then be left. */
  @Override
  public void close() {
    reset();
    if (driver.last != null && !driver.last.isLost()) {
      driver.synchronize();
      driver.last.close();
    }
    driver.last = null;
  }

  private static final class Driver extends OpenClDriver {
    private final FaultyCl cl;
    private final String source;
    private volatile Session last;
    private int sessions;

    Driver(FaultyCl cl, ClDevice hardware, String source) {
      super(cl, hardware, "faulty", hardware.profile(), Tuning.standard(hardware.profile()));
      this.cl = cl;
      this.source = source;
    }

    @Override
    Session open() {
      last = super.open();
      // OpenCL may give a new session the handles of one that was lost and closed.
      cl.lost.remove(last.queue);
      cl.lost.remove(last.context);
      sessions++;
      return last;
    }

    @Override
    String source() {
      return source == null ? super.source() : source;
    }
  }

  /** Several threads may use it, but calls are counted right for one alone. */
  private static final class FaultyCl extends Cl {
    private final Set<Long> held = ConcurrentHashMap.newKeySet();
    private final Set<Long> lost = ConcurrentHashMap.newKeySet();
    private volatile int calls;
    private volatile int failing = -1;
    private volatile int status;

    private boolean fails(long queueOrContext) {
      return lost.contains(queueOrContext) || calls++ == failing;
    }

    private int call(long queue, IntSupplier real) {
      return fails(queue) ? status : real.getAsInt();
    }

    private long create(long context, MemorySegment result, LongSupplier real) {
      if (fails(context)) {
        result.set(JAVA_INT, 0, status);
        return 0;
      }
      long handle = real.getAsLong();
      if (handle != 0) {
        held.add(handle);
      }
      return handle;
    }

    @Override
    long createBuffer(long context, long bytes, MemorySegment result) {
      return create(context, result, () -> super.createBuffer(context, bytes, result));
    }

    @Override
    int releaseBuffer(long buffer) {
      held.remove(buffer);
      return super.releaseBuffer(buffer);
    }

    @Override
    long createKernel(long program, String name, MemorySegment result) {
      return create(0, result, () -> super.createKernel(program, name, result));
    }

    @Override
    int releaseKernel(long kernel) {
      held.remove(kernel);
      return super.releaseKernel(kernel);
    }

    @Override
    int write(long queue, long buffer, long offset, MemorySegment source) {
      return call(queue, () -> super.write(queue, buffer, offset, source));
    }

    @Override
    int read(long queue, long buffer, long offset, MemorySegment target) {
      return call(queue, () -> super.read(queue, buffer, offset, target));
    }

    @Override
    int copy(
        long queue, long source, long sourceOffset, long target, long targetOffset, long bytes) {
      return call(
          queue, () -> super.copy(queue, source, sourceOffset, target, targetOffset, bytes));
    }

    @Override
    int setArgument(long kernel, int index, long bytes, MemorySegment value) {
      return call(0, () -> super.setArgument(kernel, index, bytes, value));
    }

    @Override
    int launch(long queue, long kernel, int dimensions, MemorySegment global, MemorySegment local) {
      return call(queue, () -> super.launch(queue, kernel, dimensions, global, local));
    }

    @Override
    int finish(long queue) {
      // What was enqueued before the pretended loss runs for all that, and has to end.
      int ended = super.finish(queue);
      return fails(queue) ? status : ended;
    }

    @Override
    int flush(long queue) {
      return call(queue, () -> super.flush(queue));
    }
  }
}
