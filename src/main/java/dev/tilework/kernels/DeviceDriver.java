package dev.tilework.kernels;

import dev.tilework.Precision;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * The contract that a device fulfils: memory, copies, and every operation of {@link Op}. Operands
 * were checked by {@link Op#outputs} before a driver sees them; a driver checks only what its
 * hardware limits. All methods may be called from any thread.
 */
public interface DeviceDriver {
  /** A name that tells devices of one program apart: {@code cpu}, {@code cuda:0}. */
  String name();

  /** What the device is, for people: the processor's or card's name and what is used of it. */
  String description();

  /**
   * The arithmetic that the device has for convolutions and matrix products; the first is what it
   * uses unless it is told otherwise.
   */
  default List<Precision> precisions() {
    return List.of(Precision.FP32);
  }

  /**
   * Memory with undefined content.
   *
   * @throws OutOfDeviceMemoryException when the device has not enough of it
   */
  Buffer allocate(long bytes);

  /** Gives memory back; the buffer must not be used afterwards. */
  void free(Buffer buffer);

  /** Copies the whole of {@code source} to the buffer, from a byte offset on. */
  void write(Buffer destination, long offset, MemorySegment source);

  /** Fills the whole of {@code destination} from the buffer, from a byte offset on. */
  void read(MemorySegment destination, Buffer source, long offset);

  /** Copies within the device. */
  void copy(
      Buffer destination, long destinationOffset, Buffer source, long sourceOffset, long bytes);

  /**
   * Runs an operation. An output may be the same memory as an input only where {@link Op#inPlace}
   * says so.
   *
   * @param outputs written, of the shapes that {@link Op#outputs} gave
   * @param inputs read; those that {@link Op#updates} lists are written too
   * @param precision how convolutions and matrix products may round their factors
   */
  void run(Op op, List<Operand> outputs, List<Operand> inputs, Precision precision);

  /** Waits until all that was asked for is done. */
  void synchronize();

  /** The memory in use. */
  MemoryUse memory();

  /** Sets the peak of {@link #memory} to the bytes live now. */
  void resetPeak();

  /**
   * Memory of a device in bytes.
   *
   * @param live in buffers that are allocated
   * @param peak the most that {@code live} has been
   * @param cached held for reuse or for packed weights beside the buffers
   */
  record MemoryUse(long live, long peak, long cached) {}
}
