package dev.tilework.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tilework.Device;
import dev.tilework.Scope;
import dev.tilework.Tensor;
import dev.tilework.TestDevices;
import dev.tilework.autograd.NoGrad;
import dev.tilework.autograd.Variable;
import dev.tilework.models.PlainNetwork.Image;
import dev.tilework.nn.Module;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whole networks against the same in double precision, over the same random state. */
class GoldenTest {
  private static final int SEED = 23;
  private static final int CLASSES = 11;

  /** Relative to the largest logit: the rounding of some fifty layers in float32. */
  private static final double BOUND = 2e-5;

  private final Device device = TestDevices.cpu();

  /** VGG's linear layers narrower than they are, for they hold a hundred million numbers. */
  private static Module build(String name) {
    return name.equals("vgg16")
        ? new Vgg(new int[] {2, 2, 3, 3, 3}, false, CLASSES, 64)
        : Models.build(name, CLASSES);
  }

  @ParameterizedTest
  @CsvSource({"vgg16, 32", "resnet50, 33", "inception_v3, 107", "xception, 71"})
  void agrees(String name, int size) {
    try (Module m = build(name);
        Scope scope = Scope.open();
        NoGrad off = NoGrad.open()) {
      m.init(device, SEED);
      RandomState.fill(m, SEED);
      m.train(false);
      Tensor x = Tensor.normal(device, 0, 1, SEED, 1, size, size, 3);
      double[] image = new double[Math.toIntExact(x.elements())];
      float[] pixels = x.toArray();
      Arrays.setAll(image, i -> pixels[i]);
      double[] expected = PlainModels.logits(name, m.state(), new Image(size, size, 3, image));
      float[] got = m.apply(Variable.of(x)).value().toArray();
      assertEquals(expected.length, got.length);
      double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
      double difference = 0;
      for (int i = 0; i < got.length; i++) {
        difference = Math.max(difference, Math.abs(got[i] - expected[i]));
      }
      double apart = difference / largest;
      assertTrue(
          largest > 1e-3 && apart <= BOUND,
          () -> name + ", seed " + SEED + ": " + apart + " apart relative to " + largest);
    }
  }
}
