package dev.tilework.cuda;

import dev.tilework.kernels.DeviceException;
import dev.tilework.kernels.Operand;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import jcuda.NativePointerObject;
import jcuda.Pointer;
import jcuda.driver.JCudaDriver;

/**
 * Launches kernels. Arguments follow the parameters of the kernel one to one: an {@link Operand} or
 * an {@link Address} is a pointer, Long a pointer or {@code long long}, Integer an {@code int},
 * Float a {@code float}, a {@link Struct} a struct by value. {@code -Dtilework.cuda.check=true}
 * waits after each launch, so that a kernel that goes wrong is named by the operation that launched
 * it and not by a later one.
 */
final class Launcher {
  private static final int SLOT = 8;
  private static final int SLOTS = 256;
  private static final boolean WAIT = Boolean.getBoolean("tilework.cuda.check");

  private final Session session;
  private final ByteBuffer values =
      ByteBuffer.allocateDirect(SLOTS * SLOT).order(ByteOrder.nativeOrder());
  private final int[] offsets = new int[SLOTS];
  // JCuda wants a pointer to pointers; made once for each kernel, it costs nothing at a launch.
  private final Map<String, Pointer> parameters = new HashMap<>();

  Launcher(Session session) {
    this.session = session;
  }

  /** Enqueues a kernel that needs no dynamic shared memory. */
  void launch(String name, Grid grid, Object... arguments) {
    launchShared(name, grid, 0, arguments);
  }

  /**
   * Enqueues a kernel.
   *
   * @param shared bytes of dynamic shared memory
   * @throws DeviceException naming the kernel and the limit or the result
   */
  synchronized void launchShared(String name, Grid grid, int shared, Object... arguments) {
    session.requireAlive();
    session.makeCurrent();
    Session.Kernel kernel = session.kernel(name, shared);
    int at = 0;
    for (int i = 0; i < arguments.length; i++) {
      offsets[i] = at;
      at += (set(at, arguments[i]) + SLOT - 1) / SLOT * SLOT;
    }
    checkLimits(kernel, grid, shared);
    int result =
        JCudaDriver.cuLaunchKernel(
            kernel.function(),
            grid.x(),
            grid.y(),
            grid.z(),
            grid.threadsX(),
            grid.threadsY(),
            1,
            shared,
            session.stream(),
            parameters(name, arguments.length),
            null);
    session.check("kernel " + name + ": cuLaunchKernel", result);
    if (WAIT) {
      session.check("kernel " + name, JCudaDriver.cuStreamSynchronize(session.stream()));
    }
  }

  /** Pointers to the arguments of a kernel, which lie at the same places at each launch. */
  private Pointer parameters(String kernel, int n) {
    return parameters.computeIfAbsent(
        kernel,
        k -> {
          NativePointerObject[] each = new NativePointerObject[n];
          for (int i = 0; i < n; i++) {
            each[i] = Pointer.toBuffer(values.slice(offsets[i], SLOT));
          }
          return Pointer.to(each);
        });
  }

  /** Writes an argument, and gives how many bytes it takes. */
  private int set(int at, Object argument) {
    return switch (argument) {
      case Operand o -> {
        values.putLong(at, address(o));
        yield 8;
      }
      case Address a -> {
        values.putLong(at, a.value());
        yield 8;
      }
      case Long l -> {
        values.putLong(at, l);
        yield 8;
      }
      case Integer i -> {
        values.putInt(at, i);
        yield 4;
      }
      case Float f -> {
        values.putFloat(at, f);
        yield 4;
      }
      case Struct s -> s.copyTo(values, at);
      default -> throw new IllegalArgumentException("no kernel takes a " + argument.getClass());
    };
  }

  /** The address of an operand's first element. */
  static long address(Operand o) {
    CudaBuffer b = (CudaBuffer) o.buffer();
    b.session.requireAlive();
    return b.address.value() + o.offset();
  }

  private void checkLimits(Session.Kernel kernel, Grid grid, int shared) {
    int threads = grid.threadsX() * grid.threadsY();
    boolean fits =
        threads <= kernel.threads()
            && grid.y() <= 65535
            && grid.z() <= 65535
            && shared <= session.gpu.sharedMemory();
    if (!fits) {
      throw new DeviceException(
          "kernel "
              + kernel.name()
              + ": "
              + grid
              + " threads with "
              + shared
              + " bytes of shared memory; expected at most "
              + kernel.threads()
              + " threads, 65535 blocks along y and z, and "
              + session.gpu.sharedMemory()
              + " bytes");
    }
  }
}
