package dev.tilework.io;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tilework.Devices;
import dev.tilework.Scope;
import dev.tilework.models.Models;
import dev.tilework.nn.Module;
import dev.tilework.transfer.PublishedModel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A VGG whose linear layers are convolutions under other names, as timm has them. */
class TimmVggTest {
  private static final int CHANNELS = 512;
  private static final int PIXELS = 49;

  @TempDir Path folder;

  @Test
  void itsConvolutionsAreTheLinearLayers() throws Exception {
    // Every tensor repeats few numbers through strides of 0, so that the file stays small.
    float[] numbers = new float[CHANNELS * PIXELS];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = i;
    }
    byte[] storage = new TorchFiles.Dense(numbers, numbers.length).bytes();
    PickleWriter p = new PickleWriter().op("}(");
    Models.build("vgg11", 5)
        .shapes()
        .forEach(
            (name, shape) -> {
              int[] d = shape.dims();
              long[] dims = Arrays.stream(d).asLongStream().toArray();
              String theirs = name;
              long[] strides = new long[d.length];
              if (name.equals("classifier.0.weight")) {
                theirs = "pre_logits.fc1.weight";
                dims = new long[] {d[0], CHANNELS, 7, 7};
                strides = new long[] {0, PIXELS, 7, 1};
              } else if (name.equals("classifier.3.weight")) {
                theirs = "pre_logits.fc2.weight";
                dims = new long[] {d[0], d[1], 1, 1};
                strides = new long[] {0, 1, 1, 1};
              } else if (d.length == 4) {
                dims = new long[] {d[0], d[3], d[1], d[2]};
                strides = new long[4];
              } else {
                theirs =
                    name.replace("classifier.0", "pre_logits.fc1")
                        .replace("classifier.3", "pre_logits.fc2")
                        .replace("classifier.6", "head.fc");
              }
              p.text(theirs).tensor("FloatStorage", "0", numbers.length, 0, dims, strides);
            });
    Path file = folder.resolve("vgg11.pth");
    TorchFiles.zip(file, p.op("u").end(), Map.of("0", storage), false);
    try (Module vgg = PublishedModel.of("vgg11").load(file, Devices.cpu());
        Scope _ = Scope.open()) {
      float[] row = vgg.state().get("classifier.0.weight").slice(0, 4095, 1).toArray();
      for (int i = 0; i < row.length; i++) {
        int channel = i % CHANNELS;
        assertEquals(channel * PIXELS + i / CHANNELS, row[i]);
      }
      float[] second = vgg.state().get("classifier.3.weight").slice(0, 7, 1).toArray();
      assertEquals(4095, second[4095]);
      assertEquals(5, vgg.state().get("classifier.6.bias").elements());
    }
  }
}
