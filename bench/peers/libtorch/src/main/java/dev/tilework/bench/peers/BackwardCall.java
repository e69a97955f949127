package dev.tilework.bench.peers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import dev.tilework.bench.Pass;
import dev.tilework.kernels.ConvGeometry;

/**
 * A convolution's gradient to the images or to the weights by PyTorch's autograd: only the operand
 * in question asks for one. The forward pass before each call is not timed; its leaf is new, so
 * that the gradient is handed over rather than added to an older one.
 */
final class BackwardCall implements Contestant.Call {
  private final NDManager manager;
  private final ConvGeometry g;
  private final boolean toWeights;
  private final NDArray x;
  private final NDArray w;
  private final NDArray dy;
  private NDArray leaf;
  private NDArray y;

  /** Takes over the manager. */
  BackwardCall(NDManager manager, Format format, ConvGeometry g, Pass pass) {
    this.manager = manager;
    this.g = g;
    toWeights = pass == Pass.WEIGHT_GRAD;
    float[] first = Data.first(pass.first(g).elements());
    float[] second = Data.second(pass.second(g).elements());
    // What is not an operand of the gradient matters for the unused forward result alone.
    x =
        ConvCalls.images(
            manager, format, g, toWeights ? first : new float[(int) g.inputShape().elements()]);
    w =
        ConvCalls.weights(
            manager, format, g, toWeights ? new float[(int) g.weightShape().elements()] : second);
    dy = ConvCalls.results(manager, format, g, toWeights ? second : first);
  }

  @Override
  public void before() {
    free();
    leaf = (toWeights ? w : x).stopGradient();
    leaf.setRequiresGradient(true);
    boolean mode = JniUtils.isGradMode();
    JniUtils.setGradMode(true);
    try {
      y = ConvCalls.convolve(toWeights ? x : leaf, toWeights ? leaf : w, g);
    } finally {
      JniUtils.setGradMode(mode);
    }
  }

  @Override
  public void run() {
    JniUtils.backward((PtNDArray) y, (PtNDArray) dy, false, false);
  }

  @Override
  public float[] result() {
    try (NDArray gradient = leaf.getGradient()) {
      return Format.values(gradient);
    }
  }

  private void free() {
    if (y != null) {
      y.close();
      leaf.close();
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
