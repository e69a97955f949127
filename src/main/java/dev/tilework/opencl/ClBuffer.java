package dev.tilework.opencl;

import dev.tilework.kernels.Buffer;
import dev.tilework.kernels.memory.PackedWeights;
import java.util.function.Consumer;

/** A buffer on an OpenCL device, with what was derived from its content. */
final class ClBuffer extends Buffer {
  final Session session;
  final Block block;
  private final PackedWeights<Block> packed = new PackedWeights<>(this);

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

  /** The weights in a layout; see {@link PackedWeights#get}. */
  Memory.View packed(Object layout, long offset, long bytes, Consumer<Memory.View> packer) {
    Block b = packed.get(session.memory, layout, offset, bytes, p -> packer.accept(view(p)));
    return view(b);
  }

  private static Memory.View view(Block block) {
    return new Memory.View(block.handle(), 0);
  }

  void releasePacked() {
    packed.release(session.memory);
  }
}
