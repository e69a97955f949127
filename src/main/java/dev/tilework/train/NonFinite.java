package dev.tilework.train;

import dev.tilework.DType;
import dev.tilework.Device;
import dev.tilework.Scope;
import dev.tilework.Tensor;
import dev.tilework.autograd.NoGrad;
import dev.tilework.autograd.Variable;
import dev.tilework.data.Batch;
import dev.tilework.nn.AuxiliaryLogits;
import dev.tilework.nn.Module;
import java.util.Map;

/** Finds where numbers that are not finite come from. */
final class NonFinite {
  private final Map<String, Module> modules;
  private String layer;
  private String where;

  private NonFinite(Module model) {
    this.modules = model.modules();
  }

  /** Repeats the forward pass of the batch whose loss was not finite, watching every layer. */
  static NonFiniteException inLoss(
      Module model, Device device, Batch batch, long step, String when, float loss) {
    NonFinite search = new NonFinite(model);
    try (NoGrad _ = NoGrad.open();
        Scope _ = Scope.open()) {
      Tensor images = batch.images(device);
      boolean given = isFinite(images);
      Module.observe(search::look, () -> AuxiliaryLogits.of(model, Variable.of(images)));
      String cause =
          search.layer == null
              ? "the outputs of all layers are finite, the loss itself is not"
              : "the first layer whose output is not finite is " + search.where;
      return new NonFiniteException(
          step,
          search.layer,
          when
              + ": the loss is "
              + loss
              + "; "
              + cause
              + (given ? "" : "; its images are not finite already"));
    }
  }

  /** Names the first parameter whose gradient is not finite. */
  static NonFiniteException inGradient(
      Map<String, Variable> parameters, long step, String when, float norm) {
    String name = null;
    for (Map.Entry<String, Variable> p : parameters.entrySet()) {
      if (name == null && p.getValue().grad() != null && !isFinite(p.getValue().grad())) {
        name = p.getKey();
      }
    }
    return new NonFiniteException(
        step,
        name,
        when
            + ": the loss is finite, but the norm of the gradients is "
            + norm
            + (name == null ? "" : "; the first that is not finite is that of '" + name + "'"));
  }

  private void look(Module module, Variable output) {
    if (layer != null || isFinite(output.value())) {
      return;
    }
    for (Map.Entry<String, Module> m : modules.entrySet()) {
      if (m.getValue() == module) {
        layer = m.getKey();
      }
    }
    String kind = module.getClass().getSimpleName();
    where = "".equals(layer) ? "the model itself (" + kind + ")" : "'" + layer + "' (" + kind + ")";
    module
        .state()
        .forEach(
            (name, t) -> {
              if (!name.contains(".") && t.dtype() == DType.FLOAT32 && !isFinite(t)) {
                where += ", whose '" + name + "' is not finite";
              }
            });
  }

  static boolean isFinite(Tensor t) {
    for (float v : t.toArray()) {
      if (!Float.isFinite(v)) {
        return false;
      }
    }
    return true;
  }
}
