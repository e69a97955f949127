package dev.tilework.opencl;

import dev.tilework.kernels.Buffer;
import java.util.ArrayList;
import java.util.List;

/** A buffer on an OpenCL device, with what was derived from its content. */
final class ClBuffer extends Buffer {
  final Session session;
  final Block block;
  private final List<Packed> packed = new ArrayList<>(2);

  ClBuffer(Session session, Block block, long bytes) {
    super(bytes);
    this.session = session;
    this.block = block;
  }

  /**
   * Memory as the pool hands it out.
   *
   * @param handle OpenCL's
   * @param size in bytes
   */
  record Block(long handle, long size) {}

  /**
   * Weights in a kernel's own order.
   *
   * @param layout says which kernel and geometry they are for; compared by equals
   * @param offset where in this buffer the weights begin, in bytes
   * @param version the buffer's version when they were packed
   */
  record Packed(Object layout, long offset, long version, Block block) {}

  /** How to fill packed memory from the weights at an offset. */
  interface Packer {
    void pack(Memory.View destination);
  }

  /** The weights in a layout, packed anew when this buffer was written since. */
  synchronized Memory.View packed(Object layout, long offset, long bytes, Packer packer) {
    // Read before packing: a write meanwhile must make the result stale.
    long version = version();
    for (int i = 0; i < packed.size(); i++) {
      Packed p = packed.get(i);
      if (p.offset == offset && p.layout.equals(layout)) {
        Memory.View view = new Memory.View(p.block.handle(), 0);
        if (p.version != version) {
          packer.pack(view);
          packed.set(i, new Packed(layout, offset, version, p.block));
        }
        return view;
      }
    }
    Block block = session.memory.take(bytes);
    Memory.View view = new Memory.View(block.handle(), 0);
    try {
      packer.pack(view);
    } catch (RuntimeException | Error e) {
      session.memory.giveBack(block);
      throw e;
    }
    packed.add(new Packed(layout, offset, version, block));
    return view;
  }

  synchronized void releasePacked() {
    for (Packed p : packed) {
      session.memory.giveBack(p.block);
    }
    packed.clear();
  }
}
