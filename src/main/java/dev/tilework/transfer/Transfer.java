package dev.tilework.transfer;

import dev.tilework.Device;
import dev.tilework.autograd.Variable;
import dev.tilework.nn.BatchNorm2d;
import dev.tilework.nn.Linear;
import dev.tilework.nn.Module;
import dev.tilework.train.ParameterGroup;
import dev.tilework.train.WeightDecay;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes a trained network ready to learn other classes.
 *
 * <pre>{@code
 * Module net = PublishedModel.of("resnet18").load(file, device);
 * Transfer.replaceClassifier(net, 5, 42);
 * Transfer.freezeBelow(net, "layer4"); // and learn from layer4 on
 * Transfer.freezeBatchNorm(net);
 * var optimizer = new Sgd(Transfer.groups(net, 0.1f, WeightDecay.of(1e-4f)), 0.9f, true);
 * }</pre>
 *
 * <p>The classifier of a network is the last {@link Linear} layer in the order in which its parts
 * were declared: {@code fc} of ResNet, Inception and Xception, {@code classifier.6} of VGG, the
 * last layer of most networks made by hand.
 */
public final class Transfer {
  private static final String AUXILIARY = "AuxLogits.";

  private Transfer() {}

  /**
   * The path of the classifier.
   *
   * @throws IllegalArgumentException when the network has no linear layer
   */
  public static String classifierName(Module network) {
    String name = null;
    for (Map.Entry<String, Module> m : network.modules().entrySet()) {
      if (m.getValue() instanceof Linear) {
        name = m.getKey();
      }
    }
    if (name == null) {
      throw new IllegalArgumentException(
          "transfer: the network has no linear layer that could be its classifier");
    }
    return name;
  }

  /**
   * The classifier.
   *
   * @throws IllegalArgumentException when the network has no linear layer
   */
  public static Linear classifier(Module network) {
    return (Linear) network.modules().get(classifierName(network));
  }

  /**
   * Gives the classifier another number of classes and new weights; with it that of an auxiliary
   * classifier, as Inception has one. All else keeps its values.
   *
   * @param network with its values made
   * @param seed of the new weights
   */
  public static void replaceClassifier(Module network, int classes, long seed) {
    Device device = network.state().values().iterator().next().device();
    classifier(network).replaceOutputs(classes);
    network
        .modules()
        .forEach(
            (name, m) -> {
              if (m instanceof Linear l && name.startsWith(AUXILIARY)) {
                l.replaceOutputs(classes);
              }
            });
    network.init(device, seed);
  }

  /**
   * Freezes all that was declared before a part of the network and unfreezes the rest; see {@link
   * Module#freeze}.
   *
   * @param from the path of the first part that learns, as in {@code layer4} or {@code features.24}
   * @throws IllegalArgumentException when there is no such part, naming those there are
   */
  public static void freezeBelow(Module network, String from) {
    if (from.isEmpty() || !network.modules().containsKey(from)) {
      throw new IllegalArgumentException(
          "transfer: the network has no part '"
              + from
              + "'; it has "
              + String.join(", ", network.children().keySet())
              + " and parts of these, such as "
              + classifierName(network));
    }
    network.unfreeze();
    freezeBefore(network, from);
  }

  private static void freezeBefore(Module network, String from) {
    network
        .parameters()
        .forEach(
            (name, v) -> {
              if (!name.contains(".")) {
                v.requiresGrad(false);
              }
            });
    for (Map.Entry<String, Module> child : network.children().entrySet()) {
      String name = child.getKey();
      if (from.equals(name)) {
        return;
      }
      if (from.startsWith(name + ".")) {
        freezeBefore(child.getValue(), from.substring(name.length() + 1));
        return;
      }
      child.getValue().freeze();
    }
  }

  /**
   * Freezes all batch normalizations: they use their running statistics and keep them, scale and
   * shift. The few images of a small data set would spoil statistics that many images made.
   */
  public static void freezeBatchNorm(Module network) {
    network
        .modules()
        .values()
        .forEach(
            m -> {
              if (m instanceof BatchNorm2d) {
                m.freeze();
              }
            });
  }

  /**
   * The parameters that are not frozen: those of the classifier, which begins anew, at the full
   * rate, and those below it at a part of it.
   *
   * @param trunkFactor by which the rate is multiplied below the classifier
   */
  public static List<ParameterGroup> groups(Module network, float trunkFactor, WeightDecay decay) {
    String name = classifierName(network);
    String classifier = name.isEmpty() ? "" : name + ".";
    Map<String, Variable> trunk = new LinkedHashMap<>();
    Map<String, Variable> head = new LinkedHashMap<>();
    network
        .trainableParameters()
        .forEach(
            (path, v) ->
                (path.startsWith(classifier) || path.startsWith(AUXILIARY) ? head : trunk)
                    .put(path, v));
    List<ParameterGroup> groups = new ArrayList<>();
    groups.add(ParameterGroup.of(head, decay));
    if (!trunk.isEmpty()) {
      groups.add(new ParameterGroup(trunk, trunkFactor, decay));
    }
    return groups;
  }
}
