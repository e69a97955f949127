package dev.tilework.cpu;

import dev.tilework.kernels.Buffer;
import dev.tilework.kernels.memory.PackedWeights;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Off-heap memory, 64-byte aligned, with what was derived from its content. */
final class CpuBuffer extends Buffer {
  final Block block;
  final long address;
  private final PackedWeights<Block> packed = new PackedWeights<>(this);

  CpuBuffer(Block block, long bytes) {
    super(bytes);
    this.block = block;
    this.address = block.address();
  }

  MemorySegment segment(long offset, long length) {
    return block.segment().asSlice(offset, length);
  }

  /**
   * Memory as the pool hands it out.
   *
   * @param segment the whole of it
   * @param address its first byte
   * @param arena what returns it to the operating system
   */
  record Block(MemorySegment segment, long address, Arena arena) {
    long size() {
      return segment.byteSize();
    }
  }

  /** How to fill packed memory, from an address on, with the weights. */
  interface Packer {
    void pack(long destination);
  }

  /** The address of weights in a layout; see {@link PackedWeights#get}. */
  long packed(CpuMemory memory, Object layout, long offset, long bytes, Packer packer) {
    return packed.get(memory, layout, offset, bytes, b -> packer.pack(b.address())).address();
  }

  void releasePacked(CpuMemory memory) {
    packed.release(memory);
  }
}
