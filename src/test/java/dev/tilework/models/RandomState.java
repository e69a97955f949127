package dev.tilework.models;

import dev.tilework.Scope;
import dev.tilework.Shape;
import dev.tilework.Tensor;
import dev.tilework.nn.Module;
import java.util.Map;

/** Fills a model as training might have: no statistic is 0 or 1, and signals keep their size. */
final class RandomState {
  private RandomState() {}

  /** Overwrites every tensor of the model's state. */
  static void fill(Module m, long seed) {
    long stream = seed << 20;
    for (Map.Entry<String, Tensor> e : m.state().entrySet()) {
      Tensor t = e.getValue();
      Shape s = t.shape();
      boolean line = s.rank() == 1;
      boolean scale = e.getKey().endsWith("running_var") || e.getKey().endsWith("weight") && line;
      float deviation = line ? 0.2f : (float) Math.sqrt(2.0 / s.product(1, s.rank()));
      try (Scope scope = Scope.open()) {
        t.set(
            scale
                ? Tensor.uniform(t.device(), 0.5f, 1.5f, stream++, s.dims())
                : Tensor.normal(t.device(), 0, deviation, stream++, s.dims()));
      }
    }
  }
}
