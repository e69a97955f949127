package dev.tilework;

import dev.tilework.kernels.Buffer;
import dev.tilework.kernels.DeviceDriver;
import java.lang.ref.Cleaner;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A device buffer shared by a tensor and its views; given back when the last of them is closed, or
 * by a {@link Cleaner} when a program lost them all.
 */
final class Storage {
  private static final System.Logger LOG = System.getLogger("dev.tilework.memory");
  private static final Cleaner CLEANER = Cleaner.create();
  private static final boolean TRACE = Boolean.getBoolean("tilework.memory.trace");

  final Device device;
  final Buffer buffer;
  private final Cleaner.Cleanable cleanable;
  private final State state;
  private int views = 1;

  Storage(Device device, Buffer buffer) {
    this.device = device;
    this.buffer = buffer;
    this.state = new State(device.driver(), buffer, TRACE ? new Throwable("allocated here") : null);
    this.cleanable = CLEANER.register(this, state);
  }

  synchronized void retain() {
    views++;
  }

  synchronized boolean isShared() {
    return views > 1;
  }

  synchronized void release() {
    if (--views == 0) {
      state.closed.set(true);
      cleanable.clean();
    }
  }

  private record State(DeviceDriver driver, Buffer buffer, Throwable origin, AtomicBoolean closed)
      implements Runnable {
    State(DeviceDriver driver, Buffer buffer, Throwable origin) {
      this(driver, buffer, origin, new AtomicBoolean());
    }

    @Override
    public void run() {
      driver.free(buffer);
      if (!closed.get() && origin != null) {
        LOG.log(
            System.Logger.Level.WARNING,
            "a tensor of " + buffer.bytes() + " bytes on " + driver.name() + " was never closed",
            origin);
      }
    }
  }
}
