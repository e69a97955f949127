package dev.tilework.nn;

import dev.tilework.autograd.Variable;
import dev.tilework.kernels.Activation;
import java.util.List;

/**
 * Modules one after another, named "0", "1" and so on. A {@link Relu} behind a {@link Conv2d} or a
 * {@link BatchNorm2d} is computed in the same pass as that layer, which {@link Module#observe} then
 * sees as one result, the layer's.
 */
public final class Sequential extends Module {
  private final List<Module> layers;

  /** A chain of modules. */
  public Sequential(Module... layers) {
    this(List.of(layers));
  }

  /** A chain of modules. */
  public Sequential(List<? extends Module> layers) {
    this.layers = List.copyOf(layers);
    for (int i = 0; i < this.layers.size(); i++) {
      child(Integer.toString(i), this.layers.get(i));
    }
  }

  List<Module> layers() {
    return layers;
  }

  @Override
  protected Variable forward(Variable x) {
    return forward(x, layers.size());
  }

  /** {@code relu(chain(x) + residual)}, in the pass of the last layer where that can do it. */
  Variable addRelu(Variable x, Variable residual) {
    if (!layers.isEmpty() && layers.getLast() instanceof FusesRelu last) {
      return observed(last.addRelu(forward(x, layers.size() - 1), residual));
    }
    return apply(x).add(residual).relu();
  }

  private Variable forward(Variable x, int count) {
    Variable y = x;
    for (int i = 0; i < count; i++) {
      Module layer = layers.get(i);
      if (layer instanceof FusesRelu f && i + 1 < count && isRelu(layers.get(i + 1))) {
        y = f.relu(y);
        i++;
      } else {
        y = layer.apply(y);
      }
    }
    return y;
  }

  private static boolean isRelu(Module m) {
    return m instanceof Activate a && a.activation().equals(Activation.RELU);
  }
}
