package dev.tilework.serve;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tilework.Device;
import dev.tilework.Scope;
import dev.tilework.Tensor;
import dev.tilework.TestDevices;
import dev.tilework.autograd.NoGrad;
import dev.tilework.autograd.Variable;
import dev.tilework.data.ImageSize;
import dev.tilework.data.Normalization;
import dev.tilework.io.FormatException;
import dev.tilework.io.Weights;
import dev.tilework.models.Models;
import dev.tilework.nn.AdaptiveAvgPool2d;
import dev.tilework.nn.BatchNorm2d;
import dev.tilework.nn.Conv2d;
import dev.tilework.nn.Flatten;
import dev.tilework.nn.Module;
import dev.tilework.nn.Sequential;
import dev.tilework.train.ModelCard;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model goes to another machine and gives the same answers there. */
class SerializedModelTest {
  private static final int SEED = 41;
  private static final ImageSize SIZE = ImageSize.square(12);
  private static final ModelCard CARD =
      new ModelCard("resnet8", List.of("a", "b", "c"), SIZE, Normalization.IMAGENET);

  @TempDir private Path folder;

  private final Device device = TestDevices.cpu();

  @Test
  void throughJavasSerialization() throws Exception {
    try (Module net = Models.create("resnet8", 3, device, SEED);
        Scope scope = Scope.open();
        NoGrad off = NoGrad.open()) {
      net.train(false);
      Tensor x = Tensor.normal(device, 0, 1, SEED, 1, 12, 12, 3);
      float[] expected = net.apply(Variable.of(x)).value().toArray();
      SerializedModel there = throughStream(SerializedModel.of(net, CARD));
      assertEquals(CARD, there.card());
      Device other = TestDevices.cpu();
      try (Module copy = there.load(other);
          Scope inner = Scope.open()) {
        assertFalse(copy.isTraining());
        Variable y = copy.apply(Variable.of(x.to(other)));
        assertArrayEquals(expected, y.value().toArray());
      }
      try (Predictor p = Predictor.of(there, other, PredictorOptions.DEFAULT)) {
        assertArrayEquals(expected, p.predict(x.toArray(), SIZE), 1e-4f);
      }
      assertEquals(0, other.memory().live());
    }
  }

  private static SerializedModel throughStream(SerializedModel m) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(m);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      return (SerializedModel) in.readObject();
    }
  }

  @Test
  void bytesAreThoseOfTheFile() throws IOException {
    Path file = folder.resolve("model.safetensors");
    try (Module net = Models.create("resnet8", 3, device, SEED)) {
      Weights.save(file, net.state(), CARD.toMetadata());
      byte[] bytes = SerializedModel.of(net, CARD).toBytes();
      assertArrayEquals(Files.readAllBytes(file), bytes);
      assertArrayEquals(bytes, SerializedModel.read(file).toBytes());
      assertArrayEquals(bytes, SerializedModel.of(bytes).toBytes());
    }
  }

  @Test
  void networkOfOnesOwn() throws IOException {
    try (Module net = own(2);
        Module copy =
            SerializedModel.of(
                    init(net), new ModelCard("own", List.of("x", "y"), SIZE, CARD.normalization()))
                .load(device, card -> own(card.classes().size()))) {
      copy.state()
          .forEach((name, t) -> assertArrayEquals(net.state().get(name).toArray(), t.toArray()));
    }
  }

  private static Module own(int classes) {
    return new Sequential(
        new Conv2d(3, classes, 3),
        new BatchNorm2d(classes),
        new AdaptiveAvgPool2d(),
        new Flatten());
  }

  private Module init(Module m) {
    m.init(device, SEED);
    return m;
  }

  @Test
  void damagedOrForeignBytes() throws IOException {
    byte[] bytes;
    byte[] noCard;
    try (Module net = Models.create("resnet8", 3, device, SEED)) {
      bytes = SerializedModel.of(net, CARD).toBytes();
      noCard = Weights.toBytes(net.state(), Map.of());
      SerializedModel other =
          SerializedModel.of(
              net, new ModelCard("resnet20", CARD.classes(), SIZE, CARD.normalization()));
      long before = device.memory().live();
      var e = assertThrows(FormatException.class, () -> other.load(device));
      assertTrue(e.getMessage().contains("missing layer1.1.conv1.weight"), e.getMessage());
      assertEquals(before, device.memory().live());
    }
    for (int length : new int[] {0, 7, 100, bytes.length - 1}) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThrows(FormatException.class, () -> SerializedModel.of(cut), "cut to " + length);
    }
    var e = assertThrows(IOException.class, () -> SerializedModel.of(noCard));
    assertTrue(e.getMessage().contains("tilework.model"), e.getMessage());
  }
}
