package dev.tilework.kernels;

import dev.tilework.Device;
import dev.tilework.Devices;
import dev.tilework.Scope;
import dev.tilework.Shape;
import dev.tilework.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;

/** A checksum of each operation's results on the CPU, to be compared between two JVMs. */
final class OutputDigest {
  private static final int EVERY = 29;

  private OutputDigest() {}

  /** Prints a line for each operation: its class and the checksum of all its results. */
  public static void main(String[] args) {
    Map<String, CRC32> digests = new LinkedHashMap<>();
    for (Sample s : samples()) {
      add(Devices.cpu(), s, digests.computeIfAbsent(name(s), k -> new CRC32()));
    }
    digests.forEach((name, crc) -> System.out.println(name + " " + crc.getValue()));
  }

  private static String name(Sample s) {
    return s.op().getClass().getName().replaceAll(".*\\.", "");
  }

  private static void add(Device device, Sample s, CRC32 crc) {
    try (Scope scope = Scope.open()) {
      Tensor[] in = s.inputs().stream().map(t -> t.to(device)).toArray(Tensor[]::new);
      for (Tensor t : device.run(s.op(), in)) {
        crc.update(Guarded.bytes(t));
      }
      for (int i : s.op().updates()) {
        crc.update(Guarded.bytes(in[i]));
      }
    }
  }

  private static List<Sample> samples() {
    List<Sample> all = new ArrayList<>(large());
    for (List<Sample> samples : Samples.all().values()) {
      for (int i = 0; i < samples.size(); i += EVERY) {
        all.add(samples.get(i));
      }
    }
    return all;
  }

  /** Work that is worth more than one thread. */
  private static List<Sample> large() {
    List<Sample> all = new ArrayList<>();
    ConvGeometry[] convolutions = {
      ConvSamples.geometry(2, 40, 40, 32, 48, 3, 1, 1, 1, 1),
      ConvSamples.geometry(2, 40, 40, 64, 48, 1, 1, 0, 1, 1),
      ConvSamples.geometry(3, 56, 56, 3, 16, 7, 2, 3, 1, 1),
      ConvSamples.geometry(2, 48, 48, 40, 40, 3, 1, 1, 1, 40),
      ConvSamples.geometry(3, 27, 27, 24, 36, 5, 2, 2, 1, 2)
    };
    for (ConvGeometry g : convolutions) {
      TensorSpec x = TensorSpec.f32(g.inputShape());
      TensorSpec w = TensorSpec.f32(g.weightShape());
      TensorSpec y = TensorSpec.f32(g.outputShape());
      all.add(Sample.of(new ConvOp.Forward(g), Fill.REALS, 1, x, w));
      all.add(Sample.of(new ConvOp.DataGrad(g), Fill.REALS, 2, y, w));
      all.add(Sample.of(new ConvOp.WeightGrad(g), Fill.REALS, 3, x, y));
    }
    for (int i = 0; i < 4; i++) {
      MatmulOp.Matmul op = new MatmulOp.Matmul(i % 2 == 1, i >= 2, false);
      TensorSpec a = i % 2 == 1 ? TensorSpec.f32(700, 310) : TensorSpec.f32(310, 700);
      TensorSpec b = i >= 2 ? TensorSpec.f32(250, 700) : TensorSpec.f32(700, 250);
      all.add(Sample.of(op, Fill.REALS, 4, a, b));
    }
    TensorSpec images = TensorSpec.f32(2, 40, 40, 48);
    TensorSpec c = TensorSpec.f32(48);
    all.add(
        Sample.of(
            new NormOp.BatchNormTraining(1e-3f, 0.1f, true, false),
            Fill.REALS,
            5,
            images,
            c,
            c,
            c,
            c));
    all.add(
        Sample.of(
            new NormOp.BatchNormTrainingGrad(true, false),
            Fill.REALS,
            6,
            images,
            images,
            c,
            c,
            c,
            images));
    all.add(
        Sample.of(
            new NormOp.BatchNormInferenceGrad(1e-3f, true, false),
            Fill.REALS,
            7,
            images,
            images,
            c,
            c,
            c,
            images));
    for (List<Integer> axes :
        List.of(List.of(0, 1, 2, 3), List.of(0, 1, 2), List.of(3), List.of(1, 2))) {
      all.add(
          Sample.of(
              new ReduceOp.Reduce(ReduceOp.Reduce.Kind.SUM, axes, false), Fill.REALS, 8, images));
    }
    TensorSpec logits = TensorSpec.f32(1500, 101);
    TensorSpec labels = TensorSpec.i32(Shape.of(1500));
    all.add(Sample.of(new LossOp.CrossEntropy(0.1f), Fill.REALS, 9, logits, labels));
    all.add(Sample.of(new LossOp.MeanSquaredError(), Fill.REALS, 10, images, images));
    return all;
  }
}
