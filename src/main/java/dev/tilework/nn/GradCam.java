package dev.tilework.nn;

import dev.tilework.Scope;
import dev.tilework.Shape;
import dev.tilework.Tensor;
import dev.tilework.autograd.NoGrad;
import dev.tilework.autograd.Variable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Heat maps of where a network looks: for a class c and the results A (rows x columns x channels)
 * of a layer, {@code relu(sum_k w_k A_k)}, where the weight {@code w_k} of channel k is the mean
 * over rows and columns of the gradient of c's logit to A_k. Source: Selvaraju et al., "Grad-CAM:
 * Visual Explanations from Deep Networks via Gradient-based Localization", 2017.
 *
 * <p>The network runs in inference mode; its mode, its parameters and their gathered gradients are
 * as before afterwards. Meanwhile no other thread may train it.
 *
 * <pre>{@code
 * List<HeatMap> maps = new GradCam(net).explain(images, predicted);
 * float[] overImage = maps.get(0).normalized().resized(224, 224).values();
 * }</pre>
 */
public final class GradCam {
  private final Module model;
  private final String layer;

  /**
   * Over the last layer that has more than one place, poolings not counted; a ReLU computed in its
   * pass is part of the layer.
   *
   * @param model gives logits (n, classes)
   */
  public GradCam(Module model) {
    this.model = model;
    this.layer = null;
  }

  /**
   * Over a named layer.
   *
   * @param model gives logits (n, classes)
   * @param layer its path in the model, as in {@code layer3.0.conv2}; see {@link Module#modules}
   * @throws IllegalArgumentException when the model has no such layer
   */
  public GradCam(Module model, String layer) {
    if (!model.modules().containsKey(layer)) {
      throw new IllegalArgumentException(
          "Grad-CAM: the model has no layer '"
              + layer
              + "'; it has "
              + String.join(", ", names(model)));
    }
    this.model = model;
    this.layer = layer;
  }

  /**
   * A heat map for each image, in the size of the layer's results.
   *
   * @param images (n, height, width, channels), normalised as in training
   * @param classes for each image the class that is asked for
   * @throws IllegalArgumentException when the layer gives no (n, rows, columns, channels), or the
   *     model no logits (n, classes)
   */
  public List<HeatMap> explain(Tensor images, int... classes) {
    Explanation e = compute(images, classes);
    List<HeatMap> maps = new ArrayList<>();
    int places = e.height * e.width;
    for (int i = 0; i < classes.length; i++) {
      float[] map = new float[places];
      for (int p = 0; p < places; p++) {
        double sum = 0;
        for (int k = 0; k < e.channels; k++) {
          sum +=
              (double) e.weights[i * e.channels + k] * e.result[(i * places + p) * e.channels + k];
        }
        map[p] = (float) Math.max(0, sum);
      }
      maps.add(new HeatMap(e.height, e.width, map));
    }
    return List.copyOf(maps);
  }

  /**
   * What maps are made of.
   *
   * @param weights images x channels
   * @param result of the layer, images x height x width x channels
   */
  record Explanation(int height, int width, int channels, float[] weights, float[] result) {}

  Explanation compute(Tensor images, int... classes) {
    if (images.shape().rank() != 4 || images.shape().dim(0) != classes.length) {
      throw new IllegalArgumentException(
          "Grad-CAM: got images "
              + images.shape()
              + " and "
              + classes.length
              + " classes, expected [n, height, width, channels] and n classes");
    }
    Map<Module, Boolean> modes = new LinkedHashMap<>();
    model.modules().values().forEach(m -> modes.put(m, m.isTraining()));
    Collection<Variable> trained =
        model.parameters().values().stream().filter(Variable::requiresGrad).toList();
    // Without them the record begins at the layer, and no weight's gradient is computed.
    trained.forEach(p -> p.requiresGrad(false));
    model.train(false);
    try (Scope _ = Scope.open()) {
      return differentiate(images, classes);
    } finally {
      modes.forEach(Module::train); // outer modules first, whose inner ones then get their own
      trained.forEach(p -> p.requiresGrad(true));
    }
  }

  private Explanation differentiate(Tensor images, int[] classes) {
    String path = layer == null ? defaultLayer(images.slice(0, 0, 1)) : layer;
    Module wanted = model.modules().get(path);
    Variable[] at = new Variable[1];
    Variable[] logits = new Variable[1];
    Module.intercept(
        (module, y) -> module == wanted ? at[0] = Variable.parameter(y.value()) : y,
        () -> logits[0] = model.apply(Variable.of(images)));
    Variable a = at[0];
    if (a == null || a.shape().rank() != 4) {
      throw new IllegalArgumentException(
          "Grad-CAM: the layer '"
              + path
              + "' gives "
              + (a == null
                  ? "nothing: it was not applied, as a ReLU that the layer before it computes"
                  : a.shape().toString())
              + "; expected [n, rows, columns, channels]");
    }
    try {
      logits[0].backward(oneHot(logits[0], classes));
      if (a.grad() == null) {
        throw new IllegalArgumentException(
            "Grad-CAM: the logits do not depend on the layer '" + path + "'");
      }
      Shape s = a.shape();
      return new Explanation(
          s.dim(1), s.dim(2), s.dim(3), a.grad().mean(1, 2).toArray(), a.value().toArray());
    } finally {
      a.zeroGrad();
    }
  }

  private static Tensor oneHot(Variable logits, int[] classes) {
    Shape s = logits.shape();
    if (s.rank() != 2 || s.dim(0) != classes.length) {
      throw new IllegalArgumentException(
          "Grad-CAM: the model gives " + s + ", expected logits [" + classes.length + ", classes]");
    }
    int n = s.dim(1);
    float[] seed = new float[Math.toIntExact(s.elements())];
    for (int i = 0; i < classes.length; i++) {
      if (classes[i] < 0 || classes[i] >= n) {
        throw new IllegalArgumentException(
            "Grad-CAM: got class " + classes[i] + ", expected 0 to below " + n);
      }
      seed[i * n + classes[i]] = 1;
    }
    return Tensor.of(logits.value().device(), seed, s.dims());
  }

  /**
   * The path of the layer that is used where none is named.
   *
   * @param images (n, height, width, channels)
   * @throws IllegalArgumentException when no layer has more than one place
   */
  public String defaultLayer(Tensor images) {
    Module[] found = new Module[1];
    // A container hands on what its last part gave: where that is a pooling, both are passed over.
    Set<Variable> pooled = Collections.newSetFromMap(new IdentityHashMap<>());
    try (NoGrad _ = NoGrad.open();
        Scope _ = Scope.open()) {
      Module.observe(
          (module, y) -> {
            if (isPooling(module)) {
              pooled.add(y);
            }
            Shape s = y.shape();
            if (s.rank() == 4 && s.dim(1) * s.dim(2) > 1 && !pooled.contains(y)) {
              found[0] = module;
            }
          },
          () -> model.apply(Variable.of(images)));
    }
    return model.modules().entrySet().stream()
        .filter(e -> e.getValue() == found[0])
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Grad-CAM: no layer gives more than one place for images " + images.shape()));
  }

  private static boolean isPooling(Module m) {
    return m instanceof MaxPool2d || m instanceof AvgPool2d || m instanceof AdaptiveAvgPool2d;
  }

  private static List<String> names(Module model) {
    return model.modules().keySet().stream().filter(n -> !n.isEmpty()).toList();
  }
}
