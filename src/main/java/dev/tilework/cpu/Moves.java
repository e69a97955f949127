package dev.tilework.cpu;

import static dev.tilework.cpu.Simd.LANES;

import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;

/** Copies and fills of memory whose length is often too short for a call of the system's. */
final class Moves {
  private static final int LONG = 1024;

  private Moves() {}

  static void copy(long from, long to, long bytes) {
    if (bytes >= LONG) {
      Simd.copy(from, to, bytes);
    } else if ((bytes & 3) == 0) {
      copyInts(from, to, (int) (bytes / 4));
    } else {
      for (int i = 0; i < bytes; i++) {
        Simd.putByte(to + i, Simd.getByte(from + i));
      }
    }
  }

  private static void copyInts(long from, long to, int n) {
    int whole = Simd.whole(n);
    for (int i = 0; i < whole; i += LANES) {
      Simd.store(Simd.loadInts(from + 4L * i), to + 4L * i);
    }
    for (int i = whole; i < n; i++) {
      Simd.putInt(to + 4L * i, Simd.getInt(from + 4L * i));
    }
  }

  static void fillInts(int value, long to, long n) {
    IntVector v = IntVector.broadcast(Simd.I, value);
    for (long done = 0; done < n; ) {
      int part = (int) Math.min(n - done, 1 << 20);
      fillInts(v, to + 4 * done, part);
      done += part;
    }
  }

  private static void fillInts(IntVector v, long to, int n) {
    int whole = Simd.whole(n);
    for (int i = 0; i < whole; i += LANES) {
      Simd.store(v, to + 4L * i);
    }
    if (whole < n) {
      VectorMask<Integer> m = Simd.I.indexInRange(0, n - whole);
      Simd.store(v, to + 4L * whole, m);
    }
  }
}
