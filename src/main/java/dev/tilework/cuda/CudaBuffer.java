package dev.tilework.cuda;

import dev.tilework.kernels.Buffer;
import dev.tilework.kernels.memory.PackedWeights;
import java.util.function.Consumer;

/** A buffer on a CUDA device, with what was derived from its content. */
final class CudaBuffer extends Buffer {
  final Session session;
  final Address address;
  private final Memory.Block block;
  private final PackedWeights<Memory.Block> packed = new PackedWeights<>(this);

  /** A buffer in a block of the pool. */
  CudaBuffer(Session session, Memory.Block block, long bytes) {
    super(bytes);
    this.session = session;
    this.block = block;
    address = block.address();
  }

  /** A caller's memory, which stays the caller's. */
  CudaBuffer(Session session, Address address, long bytes) {
    super(bytes);
    this.session = session;
    this.address = address;
    block = null;
  }

  /** The block it is in, or null where the memory is a caller's. */
  Memory.Block block() {
    return block;
  }

  /** The weights in a layout; see {@link PackedWeights#get}. */
  long packed(Object layout, long offset, long bytes, Consumer<Address> packer) {
    return packed
        .get(session.memory, layout, offset, bytes, b -> packer.accept(b.address()))
        .address()
        .value();
  }

  void releasePacked() {
    packed.release(session.memory);
  }
}
