package dev.tilework.cli;

import dev.tilework.Device;
import dev.tilework.Devices;
import dev.tilework.Scope;
import dev.tilework.Tensor;
import dev.tilework.autograd.NoGrad;
import dev.tilework.autograd.Variable;
import dev.tilework.models.Models;
import dev.tilework.nn.Module;
import dev.tilework.train.Optimizer;
import dev.tilework.train.Sgd;
import dev.tilework.train.WeightDecay;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A quick table of images per second. */
@Command(
    name = "bench",
    description = {
      "Measure images per second of models, in inference and in training, on random images.",
      "For single layers beside the machine's peak: ./tilework bench --layers --help;",
      "beside other libraries: ./tilework bench --peers --help."
    })
final class BenchCommand implements Callable<Integer> {
  @Option(
      names = "--model",
      split = ",",
      converter = ModelOption.Known.class,
      completionCandidates = ModelOption.Names.class,
      paramLabel = "<name>",
      defaultValue = "resnet20,resnet50",
      description = "Models (default: ${DEFAULT-VALUE}).")
  private List<String> models;

  @Option(names = "--batch", defaultValue = "8", description = "Images a call (${DEFAULT-VALUE}).")
  private int batch;

  @Option(
      names = "--seconds",
      defaultValue = "3",
      description = "Seconds to measure each, after as many to warm up (${DEFAULT-VALUE}).")
  private double seconds;

  @Option(
      names = "--device",
      split = ",",
      paramLabel = "<name>",
      description = "Devices (default: all there are).")
  private List<String> names = List.of();

  @Mixin private JsonFile json;
  @Spec private CommandSpec spec;

  /** A line of the table. */
  record Row(String model, String device, String mode, int batch, double imagesPerSecond) {}

  @Override
  public Integer call() {
    if (batch < 1 || !(seconds > 0)) {
      throw new ParameterException(
          spec.commandLine(), "--batch " + batch + ", --seconds " + seconds + "; expected above 0");
    }
    List<Device> devices =
        names.isEmpty() ? Devices.all() : names.stream().map(Devices::named).toList();
    PrintWriter out = spec.commandLine().getOut();
    TextTable table = new TextTable("model", "mode", ">batch", "device", ">images/s", ">of cpu");
    List<Row> rows = new ArrayList<>();
    for (String model : models) {
      for (String mode : List.of("inference", "training")) {
        List<Row> group = devices.stream().map(d -> row(model, d, mode)).toList();
        group.forEach(r -> print(table, r, group));
        rows.addAll(group);
      }
    }
    table.print(out);
    json.write(Map.of("rows", rows));
    return 0;
  }

  /** A line that ends with the rate as a multiple of the CPU's, where that was measured too. */
  private static void print(TextTable table, Row row, List<Row> group) {
    String ratio =
        group.stream()
            .filter(r -> r.device().equals("cpu"))
            .map(r -> format("%.2f", row.imagesPerSecond() / r.imagesPerSecond()))
            .findFirst()
            .orElse("-");
    table.row(
        row.model(),
        row.mode(),
        Integer.toString(row.batch()),
        row.device(),
        format("%.1f", row.imagesPerSecond()),
        ratio);
  }

  private static String format(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }

  private Row row(String name, Device device, String mode) {
    boolean training = mode.equals("training");
    Devices.use(device);
    int size = Models.inputSize(name);
    int classes = size > 32 ? 1000 : 10;
    try (Module network = Models.create(name, classes, device, 1);
        Optimizer optimizer = new Sgd(network.parameters(), 0.9f, true, WeightDecay.NONE);
        Tensor x = Tensor.normal(device, 0, 1, 1, batch, size, size, 3).unscoped();
        Tensor labels = Tensor.ofInts(device, new int[batch], batch).unscoped()) {
      double time;
      if (training) {
        network.train(true);
        time = warmMedian(device, () -> train(network, optimizer, x, labels));
      } else {
        try (Module fused = network.fuse()) {
          time = warmMedian(device, () -> infer(fused, x));
        }
      }
      return new Row(name, device.name(), mode, batch, batch / time);
    }
  }

  private double warmMedian(Device device, Runnable step) {
    median(device, step);
    return median(device, step);
  }

  private static void infer(Module network, Tensor x) {
    try (NoGrad off = NoGrad.open();
        Scope scope = Scope.open()) {
      network.apply(Variable.of(x));
    }
  }

  private static void train(Module network, Optimizer optimizer, Tensor x, Tensor labels) {
    try (Scope scope = Scope.open()) {
      network.apply(Variable.of(x)).crossEntropy(labels, 0).backward();
      // A rate so small that random labels cannot drive the weights to infinity.
      optimizer.step(1e-6f);
      network.zeroGrad();
    }
  }

  /** The median time of a step in seconds. */
  private double median(Device device, Runnable step) {
    List<Double> times = new ArrayList<>();
    long begin = System.nanoTime();
    do {
      long start = System.nanoTime();
      step.run();
      device.synchronize();
      times.add((System.nanoTime() - start) / 1e9);
    } while ((System.nanoTime() - begin) / 1e9 < seconds);
    double[] sorted = times.stream().mapToDouble(Double::doubleValue).toArray();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
