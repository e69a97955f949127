package dev.tilework.bench.peers;

import dev.tilework.Shape;
import dev.tilework.models.Models;
import dev.tilework.nn.BatchNorm2d;
import dev.tilework.nn.Conv2d;
import dev.tilework.nn.Linear;
import dev.tilework.nn.MaxPool2d;
import dev.tilework.nn.Module;
import dev.tilework.nn.Relu;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A network as a list of operations, for libraries that have no such model: read off the modules of
 * this library's VGGs and ResNets. Value 0 is the image, value i the result of node i - 1; the last
 * one's are the logits.
 */
public final class Graph {
  /** Of every batch normalization. */
  public static final float EPS = 1e-5f;

  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Shape> shapes;

  /** What a node computes. */
  public enum Op {
    /**
     * A convolution with square kernel: {@code name.weight}, {@code name.bias} where it has one.
     */
    CONV,
    /** Batch normalization: weight, bias, running_mean, running_var. */
    NORM,
    RELU,
    /** The sum of two values. */
    ADD,
    MAX_POOL,
    /** Every stride-th pixel, and zero channels before and behind up to {@code out}. */
    PAD_CHANNELS,
    /** The mean over all pixels, as (n, c). */
    GLOBAL_AVERAGE,
    /** To (n, h * w * c), or (n, c * h * w) where channels come first. */
    FLATTEN,
    /** {@code x * weight transposed + bias}. */
    LINEAR
  }

  /**
   * A node; what does not apply to an operation is 0, -1 or empty.
   *
   * @param name the prefix of its parameters
   * @param a the value that it reads
   * @param b the other value of a sum
   * @param in channels or features
   * @param out channels or features
   * @param bias whether a convolution has one
   * @param grid the rows and columns of the images that were flattened before a linear layer
   */
  public record Node(
      Op op,
      String name,
      int a,
      int b,
      int in,
      int out,
      int kernel,
      int stride,
      int pad,
      boolean bias,
      int grid) {}

  private Graph(Map<String, Shape> shapes) {
    this.shapes = shapes;
  }

  /**
   * The graph of a model.
   *
   * @throws IllegalArgumentException where it is neither a VGG nor a ResNet
   */
  public static Graph of(Task.Network task) {
    try (Module module = Models.build(task.model(), task.classes())) {
      // The shapes of parameters need no values.
      Graph g = new Graph(module.shapes());
      Map<String, Module> children = module.children();
      if (children.containsKey("layer1")) {
        g.resnet(children);
      } else if (children.containsKey("features") && task.size() == 224) {
        g.vgg(children);
      } else {
        throw new IllegalArgumentException("there is no graph of " + task);
      }
      return g;
    }
  }

  /** The nodes in the order in which they can be computed. */
  public List<Node> nodes() {
    return nodes;
  }

  /** The shapes of parameters and running statistics by their names, in this library's layout. */
  public Map<String, Shape> shapes() {
    return shapes;
  }

  /** How many nodes read each value. */
  public int[] uses() {
    int[] uses = new int[nodes.size() + 1];
    for (Node n : nodes) {
      uses[n.a()]++;
      if (n.b() >= 0) {
        uses[n.b()]++;
      }
    }
    return uses;
  }

  private int add(Node node) {
    nodes.add(node);
    return nodes.size();
  }

  private int simple(Op op, int x) {
    return add(new Node(op, "", x, -1, 0, 0, 0, 1, 0, false, 0));
  }

  private int conv(String name, int x, int stride) {
    Shape w = shapes.get(name + ".weight");
    int kernel = w.dim(1);
    boolean bias = shapes.containsKey(name + ".bias");
    return add(
        new Node(Op.CONV, name, x, -1, w.dim(3), w.dim(0), kernel, stride, kernel / 2, bias, 0));
  }

  private int norm(String name, int x) {
    int c = shapes.get(name + ".weight").dim(0);
    return add(new Node(Op.NORM, name, x, -1, c, c, 0, 1, 0, true, 0));
  }

  private int pool(int x, int kernel, int pad) {
    return add(new Node(Op.MAX_POOL, "", x, -1, 0, 0, kernel, 2, pad, false, 0));
  }

  private int linear(String name, int x, int grid) {
    Shape w = shapes.get(name + ".weight");
    return add(new Node(Op.LINEAR, name, x, -1, w.dim(1), w.dim(0), 0, 1, 0, true, grid));
  }

  private void resnet(Map<String, Module> children) {
    int x = simple(Op.RELU, norm("bn1", conv("conv1", 0, children.containsKey("maxpool") ? 2 : 1)));
    if (children.containsKey("maxpool")) {
      x = pool(x, 3, 1);
    }
    for (int stage = 1; children.containsKey("layer" + stage); stage++) {
      String layer = "layer" + stage;
      int i = 0;
      for (Module block : children.get(layer).children().values()) {
        x = block(layer + "." + i, block, x, stage > 1 && i == 0 ? 2 : 1);
        i++;
      }
    }
    linear("fc", simple(Op.GLOBAL_AVERAGE, x), 1);
  }

  private int block(String name, Module block, int x, int stride) {
    boolean bottleneck = block.children().containsKey("conv3");
    int shortcut = x;
    if (shapes.containsKey(name + ".downsample.0.weight")) {
      shortcut = norm(name + ".downsample.1", conv(name + ".downsample.0", x, stride));
    } else if (block.children().containsKey("downsample")) {
      Shape w = shapes.get(name + ".conv1.weight");
      shortcut =
          add(new Node(Op.PAD_CHANNELS, "", x, -1, w.dim(3), w.dim(0), 0, stride, 0, false, 0));
    }
    int y = norm(name + ".bn1", conv(name + ".conv1", x, bottleneck ? 1 : stride));
    y = simple(Op.RELU, y);
    y = norm(name + ".bn2", conv(name + ".conv2", y, bottleneck ? stride : 1));
    if (bottleneck) {
      y = norm(name + ".bn3", conv(name + ".conv3", simple(Op.RELU, y), 1));
    }
    int sum = add(new Node(Op.ADD, "", y, shortcut, 0, 0, 0, 1, 0, false, 0));
    return simple(Op.RELU, sum);
  }

  private void vgg(Map<String, Module> children) {
    int x = 0;
    int grid = 224;
    for (Map.Entry<String, Module> e : children.get("features").children().entrySet()) {
      String name = "features." + e.getKey();
      x =
          switch (e.getValue()) {
            case Conv2d c -> conv(name, x, 1);
            case BatchNorm2d b -> norm(name, x);
            case Relu r -> simple(Op.RELU, x);
            case MaxPool2d m -> pool(x, 2, 0);
            default -> throw new IllegalArgumentException("there is no node for " + name);
          };
      grid = e.getValue() instanceof MaxPool2d ? grid / 2 : grid;
    }
    x = simple(Op.FLATTEN, x);
    // Dropout does nothing in inference, for which alone these networks are compared.
    for (Map.Entry<String, Module> e : children.get("classifier").children().entrySet()) {
      if (e.getValue() instanceof Linear) {
        x = linear("classifier." + e.getKey(), x, e.getKey().equals("0") ? grid : 1);
      } else if (e.getValue() instanceof Relu) {
        x = simple(Op.RELU, x);
      }
    }
  }
}
