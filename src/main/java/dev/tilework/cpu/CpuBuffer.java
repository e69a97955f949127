package dev.tilework.cpu;

import dev.tilework.kernels.Buffer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Off-heap memory, 64-byte aligned, with what was derived from its content. */
final class CpuBuffer extends Buffer {
  final Block block;
  final long address;
  private final List<Packed> packed = new ArrayList<>(2);

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

  /**
   * Weights in a kernel's own order.
   *
   * @param layout says which kernel and geometry they are for; compared by equals
   * @param offset where in this buffer the weights begin
   * @param version the buffer's version when they were packed
   */
  record Packed(Object layout, long offset, long version, Block block) {}

  /** How to fill packed memory from the weights at an address. */
  interface Packer {
    void pack(long destination);
  }

  /** The address of weights in a layout, packed anew when this buffer was written since. */
  synchronized long packed(
      CpuMemory memory, Object layout, long offset, long bytes, Packer packer) {
    // Read before packing: a write meanwhile must make the result stale.
    long version = version();
    for (int i = 0; i < packed.size(); i++) {
      Packed p = packed.get(i);
      if (p.offset == offset && p.layout.equals(layout)) {
        if (p.version != version) {
          packer.pack(p.block.address());
          packed.set(i, new Packed(layout, offset, version, p.block));
        }
        return p.block.address();
      }
    }
    Block block = memory.take(bytes);
    try {
      packer.pack(block.address());
    } catch (RuntimeException | Error e) {
      memory.giveBack(block);
      throw e;
    }
    packed.add(new Packed(layout, offset, version, block));
    memory.notePacked(block.size());
    return block.address();
  }

  synchronized void releasePacked(CpuMemory memory) {
    for (Packed p : packed) {
      memory.notePacked(-p.block.size());
      memory.giveBack(p.block);
    }
    packed.clear();
  }
}
