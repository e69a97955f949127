package dev.tilework.kernels;

import dev.tilework.DType;
import dev.tilework.Device;
import dev.tilework.Tensor;
import dev.tilework.kernels.reference.HostTensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * A tensor in the middle of a larger one that is filled with a pattern: what an operation leaves
 * unwritten, or writes beside it, shows. It need not begin at an aligned address.
 */
final class Guarded implements AutoCloseable {
  private static final int GUARD = 37;

  private final Tensor whole;
  private final byte[] pattern;
  private final int before;
  final Tensor view;

  /**
   * Filled with the pattern.
   *
   * @param before the elements that lie before the tensor
   */
  Guarded(Device device, TensorSpec spec, int before) {
    this.before = before;
    int elements = Math.toIntExact(spec.shape().elements());
    pattern = pattern(spec.dtype(), before + elements + GUARD);
    whole =
        Tensor.from(
            device, MemorySegment.ofArray(pattern), spec.dtype(), before + elements + GUARD);
    try (Tensor line = whole.slice(0, before, elements)) {
      view = line.reshape(spec.shape().dims());
    }
  }

  /** With the content of a host's tensor. */
  Guarded(Device device, HostTensor content, int before) {
    this(device, content.spec(), before);
    view.write(content.encode());
  }

  /** NaN, -1 or 165, by type. */
  static byte[] pattern(DType type, int elements) {
    byte[] p = new byte[elements * type.bytes()];
    Arrays.fill(p, type == DType.UINT8 ? (byte) 0xA5 : (byte) 0xFF);
    return p;
  }

  /** Fills the tensor with the pattern again. */
  void poison() {
    view.write(MemorySegment.ofArray(pattern(view.dtype(), Math.toIntExact(view.elements()))));
  }

  byte[] bytes() {
    return bytes(view);
  }

  static byte[] bytes(Tensor t) {
    byte[] b = new byte[Math.toIntExact(t.spec().bytes())];
    t.read(MemorySegment.ofArray(b));
    return b;
  }

  /** Whether nothing beside the tensor was written. */
  boolean intact() {
    byte[] now = bytes(whole);
    int from = before * view.dtype().bytes();
    int to = from + Math.toIntExact(view.spec().bytes());
    return Arrays.equals(now, 0, from, pattern, 0, from)
        && Arrays.equals(now, to, now.length, pattern, to, pattern.length);
  }

  @Override
  public void close() {
    view.close();
    whole.close();
  }
}
