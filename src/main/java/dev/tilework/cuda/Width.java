package dev.tilework.cuda;

import dev.tilework.kernels.Operand;

/**
 * How many neighbours a thread moves together; see {@code kernels/cuda/pack.cuh}. It ends the names
 * of kernels that come in both widths.
 */
final class Width {
  /** Of floats, in bytes. */
  private static final int PACK = 16;

  private static final int WIDE = 4;

  private Width() {}

  /**
   * 4 where rows of an extent fall into packs of four at these places, else 1.
   *
   * @param extent elements between places that have to be aligned, such as channels
   * @param places operands, scratch memory, or addresses of floats, which may be null
   */
  static int of(long extent, Object... places) {
    if (extent % WIDE != 0) {
      return 1;
    }
    for (Object place : places) {
      boolean aligned =
          switch (place) {
            case Operand o -> Launcher.address(o) % (WIDE * o.dtype().bytes()) == 0;
            case Address a -> a.value() % PACK == 0;
            case Long l -> l % PACK == 0;
            default -> throw new IllegalArgumentException("no place: " + place);
          };
      if (!aligned) {
        return 1;
      }
    }
    return WIDE;
  }

  /** Whether a place can be moved in pieces of 16 bytes. */
  static boolean isAligned(Operand o) {
    return Launcher.address(o) % PACK == 0;
  }
}
