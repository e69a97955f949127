package dev.tilework.bench.peers;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.tilework.bench.Pass;
import dev.tilework.kernels.ConvGeometry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * ONNX Runtime on files that are written here, inference only. A graph of a single convolution is
 * run at both of the levels that matter: with all optimizations it may reorder images into blocks
 * of channels and back, which whole networks do once and a single layer at each call.
 */
public final class OnnxRuntime implements Contestant {
  private static final String ALL = "all";
  private static final String EXTENDED = "extended";

  private int threads = 1;

  /** Made by the service loader. */
  public OnnxRuntime() {}

  @Override
  public String name() {
    return "onnxruntime";
  }

  @Override
  public String version() {
    return OrtEnvironment.getEnvironment().getVersion() + ", ONNX";
  }

  @Override
  public void threads(int count) {
    threads = count;
  }

  @Override
  public List<String> forms(Task task) {
    return switch (task) {
      case Task.Convolution c -> c.of() == Pass.FORWARD ? List.of(ALL, EXTENDED) : List.of();
      case Task.Product p -> List.of(ALL);
      case Task.Memory m ->
          m.kind() == Task.Memory.Kind.BATCH_NORM_TRAINING ? List.of() : List.of(ALL);
      case Task.Network n -> n.training() ? List.of() : List.of(ALL);
    };
  }

  @Override
  public Call prepare(Task task, String form) {
    try {
      Path file = Files.createTempFile("tilework-bench", ".onnx");
      try {
        Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
        write(task, file);
        inputs(task, inputs);
        return new SessionCall(session(file, form), inputs);
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (OrtException e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
  }

  /** From a file that a process before wrote. */
  @Override
  public Call start(Task.Network network, Path folder) {
    try {
      Path file = folder.resolve(network.model() + "-" + network.size() + ".onnx");
      if (!Files.exists(file)) {
        Path part = Files.createTempFile(folder, "network", ".part");
        try {
          write(network, part);
          Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
        } finally {
          Files.deleteIfExists(part);
        }
      }
      Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
      inputs(network, inputs);
      return new SessionCall(session(file, ALL), inputs);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (OrtException e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
  }

  private OrtSession session(Path file, String form) throws OrtException {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(threads);
      options.setInterOpNumThreads(1);
      options.setOptimizationLevel(
          form.equals(ALL)
              ? OrtSession.SessionOptions.OptLevel.ALL_OPT
              : OrtSession.SessionOptions.OptLevel.EXTENDED_OPT);
      return OrtEnvironment.getEnvironment().createSession(file.toString(), options);
    }
  }

  private static void write(Task task, Path file) {
    OnnxFile onnx =
        switch (task) {
          case Task.Convolution c -> OnnxGraphs.convolution(c.layer().geometry(c.batch()));
          case Task.Product p -> OnnxGraphs.product(p);
          case Task.Memory m -> OnnxGraphs.memory(m);
          case Task.Network n -> OnnxGraphs.network(n, GraphWeights.of(n));
        };
    onnx.write(file);
  }

  private static void inputs(Task task, Map<String, OnnxTensor> inputs) throws OrtException {
    switch (task) {
      case Task.Convolution c -> {
        ConvGeometry g = c.layer().geometry(c.batch());
        float[] x = Data.first(g.inputShape().elements());
        inputs.put("x", SessionCall.images(x, g.n(), g.h(), g.w(), g.c()));
      }
      case Task.Product p ->
          inputs.put("x", SessionCall.of(Data.first((long) p.m() * p.k()), p.m(), p.k()));
      case Task.Memory m -> {
        long count = (long) m.n() * m.h() * m.w() * m.c();
        inputs.put("x", SessionCall.images(Data.images(0, count), m.n(), m.h(), m.w(), m.c()));
        if (m.kind() == Task.Memory.Kind.ADD) {
          inputs.put("y", SessionCall.images(Data.images(1, count), m.n(), m.h(), m.w(), m.c()));
        }
      }
      case Task.Network n -> {
        float[] x = Data.images(0, 3L * n.batch() * n.size() * n.size());
        inputs.put("x", SessionCall.images(x, n.batch(), n.size(), n.size(), 3));
      }
    }
  }
}
