package dev.tilework.bench.peers;

import static dev.tilework.bench.peers.OnnxFile.attribute;
import static dev.tilework.bench.peers.OnnxFile.number;
import static dev.tilework.bench.peers.OnnxFile.real;

import dev.tilework.kernels.ConvGeometry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Tasks as ONNX graphs, channels first as ONNX has them. Inputs are x and y, the output is z. */
final class OnnxGraphs {
  private OnnxGraphs() {}

  static OnnxFile convolution(ConvGeometry g) {
    int in = g.c() / g.groups();
    float[] w = Data.second(g.weightShape().elements());
    return new OnnxFile()
        .input("x", g.n(), g.c(), g.h(), g.w())
        .weights(
            "w",
            Data.nchw(w, g.o(), g.kernelH(), g.kernelW(), in),
            g.o(),
            in,
            g.kernelH(),
            g.kernelW())
        .node(
            "Conv",
            "z",
            List.of("x", "w"),
            attribute("kernel_shape", g.kernelH(), g.kernelW()),
            attribute("strides", g.strideH(), g.strideW()),
            attribute("pads", g.padTop(), g.padLeft(), g.padBottom(), g.padRight()),
            number("group", g.groups()))
        .output("z", g.n(), g.o(), g.outH(), g.outW());
  }

  static OnnxFile product(Task.Product p) {
    return new OnnxFile()
        .input("x", p.m(), p.k())
        .weights("w", Data.second((long) p.n() * p.k()), p.n(), p.k())
        .node("Gemm", "z", List.of("x", "w"), number("transB", 1))
        .output("z", p.m(), p.n());
  }

  static OnnxFile memory(Task.Memory m) {
    OnnxFile f = new OnnxFile().input("x", m.n(), m.c(), m.h(), m.w());
    List<String> x = List.of("x");
    Proto[] pool = {
      attribute("kernel_shape", 3, 3), attribute("strides", 2, 2), attribute("pads", 1, 1, 1, 1)
    };
    long h = m.h();
    long w = m.w();
    switch (m.kind()) {
      case RELU -> f.node("Relu", "z", x);
      case GELU -> f.node("Gelu", "z", x);
      case ADD -> f.input("y", m.n(), m.c(), h, w).node("Add", "z", List.of("x", "y"));
      case SOFTMAX -> f.node("Softmax", "z", x, number("axis", 1));
      case BATCH_NORM_INFERENCE -> {
        List<String> inputs = new ArrayList<>(x);
        for (int i = 1; i <= 4; i++) {
          inputs.add("p" + i);
          f.weights("p" + i, Data.channels(i, m.c()), m.c());
        }
        f.node("BatchNormalization", "n", inputs, real("epsilon", Graph.EPS));
        f.node("Relu", "z", List.of("n"));
      }
      case MAX_POOL -> f.node("MaxPool", "z", x, pool);
      case AVERAGE_POOL ->
          f.node("AveragePool", "z", x, pool[0], pool[1], pool[2], number("count_include_pad", 1));
      case GLOBAL_AVERAGE -> f.node("GlobalAveragePool", "z", x);
      case BATCH_NORM_TRAINING -> throw new UnsupportedOperationException("inference only");
    }
    boolean pooled =
        m.kind() == Task.Memory.Kind.MAX_POOL || m.kind() == Task.Memory.Kind.AVERAGE_POOL;
    boolean one = m.kind() == Task.Memory.Kind.GLOBAL_AVERAGE;
    long outH = one ? 1 : pooled ? (h - 1) / 2 + 1 : h;
    long outW = one ? 1 : pooled ? (w - 1) / 2 + 1 : w;
    return f.output("z", m.n(), m.c(), outH, outW);
  }

  static OnnxFile network(Task.Network task, Map<String, float[]> weights) {
    Graph g = Graph.of(task);
    OnnxFile f = new OnnxFile().input("x", task.batch(), 3, task.size(), task.size());
    int last = g.nodes().size();
    for (int i = 0; i < last; i++) {
      Graph.Node n = g.nodes().get(i);
      String to = i == last - 1 ? "z" : "v" + (i + 1);
      node(f, n, n.a() == 0 ? "x" : "v" + n.a(), "v" + n.b(), to, weights);
    }
    return f.output("z", task.batch(), task.classes());
  }

  private static void node(
      OnnxFile f, Graph.Node n, String x, String y, String to, Map<String, float[]> weights) {
    Proto[] window = {
      attribute("kernel_shape", n.kernel(), n.kernel()),
      attribute("strides", n.stride(), n.stride()),
      attribute("pads", n.pad(), n.pad(), n.pad(), n.pad())
    };
    String w = n.name() + ".weight";
    String b = n.name() + ".bias";
    switch (n.op()) {
      case CONV -> {
        int k = n.kernel();
        f.weights(w, Data.nchw(weights.get(w), n.out(), k, k, n.in()), n.out(), n.in(), k, k);
        List<String> inputs = new ArrayList<>(List.of(x, w));
        if (n.bias()) {
          f.weights(b, weights.get(b), n.out());
          inputs.add(b);
        }
        f.node("Conv", to, inputs, window);
      }
      case NORM -> {
        List<String> inputs = new ArrayList<>(List.of(x));
        for (String s : List.of("weight", "bias", "running_mean", "running_var")) {
          String name = n.name() + "." + s;
          f.weights(name, weights.get(name), n.out());
          inputs.add(name);
        }
        f.node("BatchNormalization", to, inputs, real("epsilon", Graph.EPS));
      }
      case RELU -> f.node("Relu", to, List.of(x));
      case ADD -> f.node("Add", to, List.of(x, y));
      case MAX_POOL -> f.node("MaxPool", to, List.of(x), window);
      case PAD_CHANNELS -> {
        int before = (n.out() - n.in()) / 2;
        f.integers(to + ".starts", 0, 0).integers(to + ".ends", Long.MAX_VALUE, Long.MAX_VALUE);
        f.integers(to + ".axes", 2, 3).integers(to + ".steps", n.stride(), n.stride());
        f.integers(to + ".pads", 0, before, 0, 0, 0, n.out() - n.in() - before, 0, 0);
        f.node(
            "Slice",
            to + ".pixels",
            List.of(x, to + ".starts", to + ".ends", to + ".axes", to + ".steps"));
        f.node("Pad", to, List.of(to + ".pixels", to + ".pads"));
      }
      case GLOBAL_AVERAGE -> {
        f.node("GlobalAveragePool", to + ".mean", List.of(x));
        f.node("Flatten", to, List.of(to + ".mean"));
      }
      case FLATTEN -> f.node("Flatten", to, List.of(x));
      case LINEAR -> {
        f.weights(w, GraphWeights.channelsFirst(n, weights.get(w)), n.out(), n.in());
        f.weights(b, weights.get(b), n.out());
        f.node("Gemm", to, List.of(x, w, b), number("transB", 1));
      }
    }
  }
}
