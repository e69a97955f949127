package dev.tilework.bench.peers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;

/** Shortcuts without parameters. */
final class Shortcuts {
  private Shortcuts() {}

  /** Every stride-th pixel, and zero channels around. */
  static NDArray pad(Graph.Node n, NDArray x) {
    int before = (n.out() - n.in()) / 2;
    long[] pad = {0, 0, 0, 0, before, n.out() - n.in() - before};
    if (n.stride() == 1) {
      return JniUtils.pad((PtNDArray) x, pad, 0);
    }
    try (NDArray pixels = x.get(new NDIndex(":, :, ::" + n.stride() + ", ::" + n.stride()))) {
      return JniUtils.pad((PtNDArray) pixels, pad, 0);
    }
  }
}
