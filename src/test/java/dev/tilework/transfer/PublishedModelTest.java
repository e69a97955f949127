package dev.tilework.transfer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tilework.Shape;
import dev.tilework.TestDevices;
import dev.tilework.data.Normalization;
import dev.tilework.data.Preprocessing;
import dev.tilework.data.Scaling;
import dev.tilework.io.FormatException;
import dev.tilework.io.TorchFiles;
import dev.tilework.io.TorchFiles.Dense;
import dev.tilework.models.Models;
import dev.tilework.nn.Module;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PublishedModelTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "vgg16, 256, 224, BILINEAR, 0.485, 0.229",
    "vgg11_bn, 256, 224, BILINEAR, 0.485, 0.229",
    "resnet50, 256, 224, BILINEAR, 0.485, 0.229",
    "inception_v3, 342, 299, BILINEAR, 0.5, 0.5",
    "xception, 333, 299, BICUBIC, 0.5, 0.5",
  })
  void preprocessing(
      String model, int shorter, int crop, Scaling.Filter filter, float mean, float deviation) {
    Preprocessing p = PublishedModel.of(model).preprocessing();
    assertEquals(new Scaling(shorter, filter), p.scaling());
    assertEquals(crop, p.imageSize().height());
    assertEquals(crop, p.imageSize().width());
    assertEquals(mean, p.normalization().mean().getFirst());
    assertEquals(deviation, p.normalization().deviation().getFirst());
  }

  /** torchvision's Inception changes what ImageNet's normalization gave, inside of the network. */
  @Test
  void inceptionsRescalingIsPartOfItsNormalization() {
    byte[] pixels = new byte[3 * 256];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (i / 3);
    }
    float[] usual = Normalization.IMAGENET.apply(pixels);
    float[] ours = PublishedModel.of("inception_v3").preprocessing().normalization().apply(pixels);
    for (int i = 0; i < ours.length; i++) {
      double mean = Normalization.IMAGENET.mean().get(i % 3);
      double deviation = Normalization.IMAGENET.deviation().get(i % 3);
      assertEquals(usual[i] * (deviation / 0.5) + (mean - 0.5) / 0.5, ours[i], 1e-5);
    }
  }

  @Test
  void modelsWithoutPublishedWeightsAreRefused() {
    var e = assertThrows(IllegalArgumentException.class, () -> PublishedModel.of("resnet20"));
    assertTrue(e.getMessage().contains("resnet18"), e.getMessage());
    for (String name : Models.names()) {
      boolean small = Models.inputSize(name) == 32;
      assertEquals(!small, PublishedModel.names().contains(name), name);
      if (!small) {
        assertEquals(
            Models.inputSize(name),
            PublishedModel.of(name).preprocessing().imageSize().height(),
            name);
      }
    }
  }

  /** A file with torchvision's names and layouts of a ResNet-18 for seven classes. */
  @Test
  void aFileOfTorchvisionIsLoadedWithItsNumberOfClasses() throws Exception {
    Map<String, Dense> state = new LinkedHashMap<>();
    Random random = new Random(2);
    for (Map.Entry<String, Shape> e : Models.build("resnet18", 7).shapes().entrySet()) {
      int[] d = e.getValue().dims();
      int[] theirs = d.length == 4 ? new int[] {d[0], d[3], d[1], d[2]} : d;
      float[] v = new float[(int) e.getValue().elements()];
      for (int i = 0; i < v.length; i++) {
        v[i] = random.nextFloat();
      }
      state.put(e.getKey(), new Dense(v, theirs));
      if (e.getKey().endsWith("running_var")) {
        state.put(
            e.getKey().replace("running_var", "num_batches_tracked"), new Dense(new float[] {1}));
      }
    }
    Path file = TorchFiles.zip(folder.resolve("resnet18.pth"), state);
    try (Module m = PublishedModel.of("resnet18").load(file, TestDevices.cpu())) {
      assertFalse(m.isTraining());
      assertEquals(7, Transfer.classifier(m).outputs());
      assertArrayEquals(state.get("fc.weight").values(), m.state().get("fc.weight").toArray());
      float[] conv = m.state().get("layer2.0.downsample.0.weight").toArray();
      assertArrayEquals(state.get("layer2.0.downsample.0.weight").values(), conv, "1x1");
      float[] stem = m.state().get("conv1.weight").toArray();
      float[] theirs = state.get("conv1.weight").values();
      for (int o = 0; o < 64; o++) {
        for (int c = 0; c < 3; c++) {
          for (int i = 0; i < 49; i++) {
            assertEquals(theirs[(o * 3 + c) * 49 + i], stem[(o * 49 + i) * 3 + c]);
          }
        }
      }
    }
    var e =
        assertThrows(
            FormatException.class,
            () -> PublishedModel.of("resnet34").load(file, TestDevices.cpu()));
    assertTrue(e.getMessage().contains("missing layer1.2.conv1.weight"), e.getMessage());
  }
}
