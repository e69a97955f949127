package dev.tilework.opencl;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.tilework.kernels.DeviceException;
import dev.tilework.kernels.Loops;
import dev.tilework.kernels.Operand;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/**
 * Launches kernels. Arguments follow the parameters of the kernel one to one, but for memory: an
 * {@link Operand} or a {@link Memory.View} is two parameters, the buffer and the offset of the
 * first element ({@code IN}, {@code OUT} and {@code INOUT} of common.cl declare both).
 */
final class Launcher {
  private static final int FLUSH_EVERY = 16;

  /** OUTER_LOOPS of loops.cl. */
  private static final int OUTER_LOOPS = 8;

  private final Session session;
  private final MemorySegment value;
  private final MemorySegment global;
  private final MemorySegment local;
  private int sinceFlush;

  /** Local memory of a work group, as an argument. */
  record Local(long bytes) {}

  Launcher(Session session) {
    this.session = session;
    Arena arena = Arena.ofAuto();
    value = arena.allocate(256, 8);
    global = arena.allocate(24, 8);
    local = arena.allocate(24, 8);
  }

  /**
   * Enqueues a kernel.
   *
   * @param arguments {@link Operand}, {@link Memory.View}, {@link Epilogue}, {@link Loops} and
   *     {@link Divisor} (the structs of these names), {@link Local}, Integer ({@code int}), Long
   *     ({@code long} or {@code ulong}) and Float ({@code float})
   * @throws DeviceException naming the kernel and the limit or the status
   */
  synchronized void launch(String name, Grid grid, Object... arguments) {
    Session.Kernel kernel = session.kernel(name);
    checkLimits(kernel, grid, arguments);
    int index = 0;
    for (Object a : arguments) {
      index = set(kernel, index, a);
    }
    for (int d = 0; d < grid.dimensions(); d++) {
      global.setAtIndex(JAVA_LONG, d, grid.global(d));
      local.setAtIndex(JAVA_LONG, d, grid.local(d));
    }
    session.enqueue(
        kernel.label(),
        "clEnqueueNDRangeKernel",
        () -> session.cl.launch(session.queue, kernel.id(), grid.dimensions(), global, local));
    if (++sinceFlush >= FLUSH_EVERY) {
      sinceFlush = 0;
      session.check(kernel.label(), "clFlush", session.cl.flush(session.queue));
    }
  }

  private int set(Session.Kernel kernel, int index, Object argument) {
    return switch (argument) {
      case Operand o -> {
        ClBuffer b = (ClBuffer) o.buffer();
        yield memory(kernel, index, b.block.handle(), o.offset() / o.dtype().bytes());
      }
      case Memory.View v -> memory(kernel, index, v.handle(), v.offset() / 4);
      case Integer i -> {
        value.set(JAVA_INT, 0, i);
        yield set(kernel, index, 4, value);
      }
      case Float f -> {
        value.set(JAVA_FLOAT, 0, f);
        yield set(kernel, index, 4, value);
      }
      case Long l -> {
        value.set(JAVA_LONG, 0, l);
        yield set(kernel, index, 8, value);
      }
      case Loops l -> loops(kernel, index, l);
      case Divisor d -> {
        divisor(0, d.by());
        yield set(kernel, index, 12, value);
      }
      case List<?> l -> {
        int next = index;
        for (Object a : l) {
          next = set(kernel, next, a);
        }
        yield next;
      }
      case Epilogue e -> epilogue(kernel, index, e);
      case Local l -> set(kernel, index, l.bytes(), MemorySegment.NULL);
      default -> throw new IllegalArgumentException("no kernel takes a " + argument.getClass());
    };
  }

  /** As the struct in loops.cl; where there is one operand, the second's strides are 0. */
  private int loops(Session.Kernel kernel, int index, Loops l) {
    int outer = l.extent.length - 1;
    if (outer > OUTER_LOOPS) {
      throw new DeviceException(
          outer
              + 1
              + " axes that do not join; OpenCL's kernels have "
              + (OUTER_LOOPS + 1)
              + " loops");
    }
    value.fill((byte) 0);
    divisor(0, (int) l.inner());
    value.setAtIndex(JAVA_INT, 5, outer);
    for (int i = 0; i < outer; i++) {
      divisor(6 + 3 * i, (int) l.extent[i]);
    }
    for (int k = 0; k < l.stride.length; k++) {
      value.setAtIndex(JAVA_INT, 3 + k, (int) l.innerStride(k));
      for (int i = 0; i < outer; i++) {
        value.setAtIndex(JAVA_INT, 6 + OUTER_LOOPS * (3 + k) + i, (int) l.stride[k][i]);
      }
    }
    return set(kernel, index, 4 * (6 + 5 * OUTER_LOOPS), value);
  }

  private void divisor(int at, int by) {
    Divisor d = new Divisor(by);
    value.setAtIndex(JAVA_INT, at, by);
    value.setAtIndex(JAVA_INT, at + 1, d.factor());
    value.setAtIndex(JAVA_INT, at + 2, d.shift());
  }

  private int epilogue(Session.Kernel kernel, int index, Epilogue e) {
    Memory.View none = new Memory.View(0, 0);
    int next = set(kernel, index, e.bias() == null ? none : e.bias());
    next = set(kernel, next, e.residual() == null ? none : e.residual());
    next = set(kernel, next, e.has());
    next = set(kernel, next, e.activation().kind().ordinal());
    return set(kernel, next, e.activation().alpha());
  }

  private int memory(Session.Kernel kernel, int index, long handle, long element) {
    value.set(JAVA_LONG, 0, handle);
    int next = set(kernel, index, 8, value);
    value.set(JAVA_LONG, 0, element);
    return set(kernel, next, 8, value);
  }

  private int set(Session.Kernel kernel, int index, long bytes, MemorySegment from) {
    int status = session.cl.setArgument(kernel.id(), index, bytes, from);
    if (status != 0) {
      session.check(kernel.label(), "clSetKernelArg of " + index, status);
    }
    return index + 1;
  }

  /** A launch beyond the limits fails on some drivers only later, and without a name. */
  private void checkLimits(Session.Kernel kernel, Grid grid, Object... arguments) {
    ClDevice device = session.device;
    long most = Math.min(device.workGroup(), kernel.workGroup());
    boolean fits = grid.group() <= most;
    for (int d = 0; d < grid.dimensions(); d++) {
      fits &= grid.local(d) <= device.itemSizes()[d];
    }
    if (!fits) {
      throw new DeviceException(
          kernel.label()
              + ": a work group of "
              + grid
              + "; the device allows "
              + most
              + " work-items and "
              + Arrays.toString(device.itemSizes())
              + " along the axes");
    }
    long bytes = 0;
    for (Object a : arguments) {
      bytes += a instanceof Local l ? l.bytes() : 0;
    }
    if (bytes > device.localMemory() && bytes > 0) {
      throw new DeviceException(
          kernel.label()
              + ": "
              + bytes
              + " bytes of local memory; the device has "
              + device.localMemory());
    }
  }
}
