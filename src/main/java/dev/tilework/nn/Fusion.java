package dev.tilework.nn;

import dev.tilework.Scope;
import dev.tilework.Tensor;
import dev.tilework.kernels.Activation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Makes a module for inference of a module: chains within chains become one; a convolution takes up
 * the batch normalization behind it, {@code w' = w * weight / sqrt(running_var + eps)} for each
 * filter and {@code b' = (b - running_mean) * weight / sqrt(running_var + eps) + bias}, and the
 * activation behind that; dropout is left out.
 */
final class Fusion {
  private final List<Module> made = new ArrayList<>();

  private Fusion() {}

  static Module of(Module m) {
    Fusion f = new Fusion();
    // What fails between the making of a tensor and its module leaves no tensor behind.
    try (Scope _ = Scope.open()) {
      Module fused = f.chain(m);
      fused.train(false);
      return fused;
    } catch (RuntimeException | Error e) {
      f.made.forEach(Module::close);
      throw e;
    }
  }

  private FusedChain chain(Module m) {
    List<Module> layers = new ArrayList<>();
    flatten(m, layers);
    List<Module> steps = new ArrayList<>();
    int i = 0;
    while (i < layers.size()) {
      i = step(layers, i, steps);
    }
    return new FusedChain(steps);
  }

  private static void flatten(Module m, List<Module> into) {
    switch (m) {
      case Sequential s -> s.layers().forEach(l -> flatten(l, into));
      case Composite c -> flatten(c.composition(), into);
      case Dropout _ -> {}
      case Activate a when a.activation().equals(Activation.IDENTITY) -> {}
      default -> into.add(m);
    }
  }

  /** Makes a step of the layers from one on, and gives the number of the next one. */
  private int step(List<Module> layers, int i, List<Module> steps) {
    Module m = layers.get(i);
    int next = i + 1;
    switch (m) {
      case Conv2d conv -> {
        BatchNorm2d norm =
            next < layers.size() && layers.get(next) instanceof BatchNorm2d n ? n : null;
        next += norm == null ? 0 : 1;
        Activation a = activation(layers, next);
        next += a.equals(Activation.IDENTITY) ? 0 : 1;
        steps.add(add(fold(conv, norm, a)));
      }
      case BatchNorm2d norm -> {
        boolean relu = activation(layers, next).equals(Activation.RELU);
        next += relu ? 1 : 0;
        Map<String, Tensor> s = norm.state();
        steps.add(
            add(
                new FrozenNorm(
                    norm.eps(),
                    relu,
                    s.get("weight").copy(),
                    s.get("bias").copy(),
                    s.get("running_mean").copy(),
                    s.get("running_var").copy())));
      }
      case Linear linear -> {
        Map<String, Tensor> s = linear.state();
        Tensor bias = s.get("bias");
        steps.add(add(new FrozenLinear(s.get("weight").copy(), bias == null ? null : bias.copy())));
      }
      case Residual r -> {
        Activation a = r.activation();
        if (a.equals(Activation.IDENTITY)) {
          a = activation(layers, next);
          next += a.equals(Activation.IDENTITY) ? 0 : 1;
        }
        FusedChain shortcut =
            r.shortcut() == null ? new FusedChain(List.of()) : chain(r.shortcut());
        steps.add(new FusedResidual(chain(r.body()), shortcut, a));
      }
      case Branches b -> steps.add(new Branches(b.branches().stream().map(this::chain).toList()));
      default -> steps.add(add(copy(m)));
    }
    return next;
  }

  private static Module copy(Module m) {
    Module c = m.inferenceCopy();
    if (c == null || c == m) {
      throw new IllegalStateException(
          "fuse: inferenceCopy of "
              + m.getClass().getName()
              + " gave "
              + (c == null ? "null" : "the layer itself")
              + ", expected another one");
    }
    return c;
  }

  private Module add(Module m) {
    made.add(m);
    return m;
  }

  /** The activation at a place of the chain; the identity where there is none. */
  private static Activation activation(List<Module> layers, int i) {
    return i < layers.size() && layers.get(i) instanceof Activate a
        ? a.activation()
        : Activation.IDENTITY;
  }

  private static FusedConv fold(Conv2d conv, BatchNorm2d norm, Activation a) {
    Map<String, Tensor> s = conv.state();
    Tensor weight = s.get("weight");
    Tensor bias = s.get("bias");
    if (norm == null) {
      return new FusedConv(conv.options(), a, weight.copy(), bias == null ? null : bias.copy());
    }
    Map<String, Tensor> n = norm.state();
    float[] gamma = n.get("weight").toArray();
    float[] beta = n.get("bias").toArray();
    float[] mean = n.get("running_mean").toArray();
    float[] var = n.get("running_var").toArray();
    if (gamma.length != weight.shape().dim(0)) {
      throw new IllegalArgumentException(
          "fuse: " + norm + " stands behind " + conv + ", expected as many channels");
    }
    float[] w = weight.toArray();
    float[] b = bias == null ? new float[gamma.length] : bias.toArray();
    int taps = w.length / gamma.length;
    for (int o = 0; o < gamma.length; o++) {
      double scale = gamma[o] / Math.sqrt((double) var[o] + norm.eps());
      for (int i = 0; i < taps; i++) {
        w[o * taps + i] = (float) (w[o * taps + i] * scale);
      }
      b[o] = (float) ((b[o] - (double) mean[o]) * scale + beta[o]);
    }
    return new FusedConv(
        conv.options(),
        a,
        Tensor.of(weight.device(), w, weight.shape().dims()),
        Tensor.of(weight.device(), b, b.length));
  }
}
