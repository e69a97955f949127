package dev.tilework.bench;

import dev.tilework.Device;
import dev.tilework.Precision;
import dev.tilework.Scope;
import dev.tilework.Shape;
import dev.tilework.Tensor;
import dev.tilework.kernels.ConvGeometry;
import dev.tilework.kernels.ConvOp;

/**
 * The convolutions of a plan: forward and both gradients, in every precision of the device. Each
 * call takes other operands than the one before, so that no cache serves it. Weights stay the same
 * as long as they are in the turn: what a device keeps of them is made before the timing.
 */
final class LayerCases {
  private static final int MOST_SETS = 16;

  private LayerCases() {}

  /** Runs all of them, the smaller batches first. */
  static void run(Recorder recorder, SuitePlan plan) {
    for (int batch : plan.batches()) {
      for (Layer layer : plan.layers()) {
        try (Scope scope = Scope.open()) {
          run(recorder, layer, batch, plan.cold());
        }
      }
    }
  }

  private static void run(Recorder recorder, Layer layer, int batch, long cold) {
    Device device = recorder.device();
    ConvGeometry g = layer.geometry(batch);
    Tensor[][] sets = null;
    RuntimeException failure = null;
    try {
      sets = operands(device, g, cold);
    } catch (RuntimeException e) {
      failure = e;
    }
    Tensor[][] made = sets;
    RuntimeException unmade = failure;
    for (Pass pass : Pass.values()) {
      for (Precision precision : device.precisions()) {
        Recorder.Case c =
            new Recorder.Case(
                "layers",
                layer.id(),
                layer.summary(),
                batch,
                pass.name(),
                precision,
                layer.count(),
                g.flops(),
                0,
                0);
        recorder.run(
            c,
            () -> {
              if (unmade != null) {
                throw unmade;
              }
              return call(device, g, pass, precision, made);
            });
      }
    }
  }

  /** Sets of x, w, y and of results of their shapes: dx, dw, y. */
  private static Tensor[][] operands(Device device, ConvGeometry g, long cold) {
    Shape[] shapes = {g.inputShape(), g.weightShape(), g.outputShape()};
    long bytes = 0;
    for (Shape s : shapes) {
      bytes += 4 * s.elements();
    }
    int sets = (int) Math.min(MOST_SETS, Math.max(1, (cold + bytes - 1) / bytes));
    Tensor[][] t = new Tensor[sets][2 * shapes.length];
    for (int i = 0; i < sets; i++) {
      for (int j = 0; j < shapes.length; j++) {
        int[] dims = shapes[j].dims();
        t[i][j] = Tensor.uniform(device, -0.5f, 0.5f, 1 + 3L * i + j, dims);
        t[i][shapes.length + j] = Tensor.zeros(device, dims);
      }
    }
    return t;
  }

  private static Runnable call(
      Device device, ConvGeometry g, Pass pass, Precision precision, Tensor[][] sets) {
    ConvOp op = pass.op(g);
    int first = pass == Pass.DATA_GRAD ? 2 : 0;
    int second = pass == Pass.WEIGHT_GRAD ? 2 : 1;
    int result = 3 + (3 - first - second);
    SampledImages.check(
        device, g, pass, precision, sets[0][first], sets[0][second], sets[0][result]);
    int[] turn = new int[1];
    return () -> {
      Tensor[] s = sets[turn[0]];
      turn[0] = (turn[0] + 1) % sets.length;
      device.runInto(s[result], op, s[first], s[second]);
    };
  }
}
