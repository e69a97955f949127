package dev.tilework.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tilework.Device;
import dev.tilework.Scope;
import dev.tilework.Tensor;
import dev.tilework.autograd.NoGrad;
import dev.tilework.autograd.Variable;
import dev.tilework.models.Models;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass(name = "{0}", allowZeroInvocations = true)
@MethodSource("dev.tilework.kernels.DeviceUnderTest#fresh")
class GradCamTest {
  @Parameter private Device device;
  private Scope scope;

  @BeforeEach
  void open() {
    scope = Scope.open();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  /** With a ReLU that the convolution computes, and layers behind that are not linear. */
  private Sequential network() {
    Sequential net =
        new Sequential(
            new Conv2d(2, 4, 3).padding(1),
            new Relu(),
            new Conv2d(4, 3, 3).padding(1),
            new BatchNorm2d(3),
            new Activate(dev.tilework.kernels.Activation.SILU),
            new Flatten(),
            new Linear(3 * 5 * 7, 6),
            new Activate(dev.tilework.kernels.Activation.TANH),
            new Linear(6, 4));
    net.init(device, 5);
    return net;
  }

  @Test
  void weightsAreTheSlopesOfTheLogit() {
    try (Module net = network()) {
      net.train(false);
      Tensor images = Tensor.normal(device, 0, 1, 9, 2, 5, 7, 2);
      int[] classes = {3, 1};
      for (String layer : List.of("0", "2", "3", "4")) {
        GradCam.Explanation e = new GradCam(net, layer).compute(images, classes);
        assertEquals(5 * 7, e.height() * e.width());
        Module at = net.modules().get(layer);
        for (int i = 0; i < 2; i++) {
          for (int k = 0; k < e.channels(); k++) {
            // The mean of the gradient over places is the slope when all places rise by 1 / (h w).
            float step = 0.02f;
            double slope =
                (logit(net, images, at, k, step, i, classes[i])
                        - logit(net, images, at, k, -step, i, classes[i]))
                    / (2 * step)
                    / (5 * 7);
            assertEquals(
                slope,
                e.weights()[i * e.channels() + k],
                2e-4,
                "layer " + layer + ", image " + i + ", channel " + k);
          }
        }
      }
    }
  }

  /** The logit of a class where one channel of a layer's result is moved everywhere. */
  private static double logit(
      Module net, Tensor images, Module at, int channel, float step, int image, int c) {
    double[] logit = new double[1];
    try (NoGrad _ = NoGrad.open();
        Scope _ = Scope.open()) {
      Module.intercept(
          (module, y) -> {
            if (module != at) {
              return y;
            }
            float[] shift = new float[y.shape().dim(3)];
            shift[channel] = step;
            return Variable.of(y.value().add(Tensor.of(y.value().device(), shift, shift.length)));
          },
          () -> {
            Tensor y = net.apply(Variable.of(images)).value();
            logit[0] = y.toArray()[image * y.shape().dim(1) + c];
          });
    }
    return logit[0];
  }

  @Test
  void mapsAreTheWeightedSumsAboveZero() {
    try (Module net = network()) {
      Tensor images = Tensor.normal(device, 0, 1, 9, 2, 5, 7, 2);
      GradCam cam = new GradCam(net);
      assertEquals("4", cam.defaultLayer(images));
      List<HeatMap> maps = cam.explain(images, 3, 1);
      GradCam.Explanation e = cam.compute(images, 3, 1);
      boolean positive = false;
      for (int i = 0; i < 2; i++) {
        for (int p = 0; p < 35; p++) {
          double sum = 0;
          for (int k = 0; k < 3; k++) {
            sum += (double) e.weights()[i * 3 + k] * e.result()[(i * 35 + p) * 3 + k];
          }
          assertEquals(Math.max(0, sum), maps.get(i).at(p / 7, p % 7), 1e-6);
          positive |= sum > 0.01;
        }
      }
      assertTrue(positive, "some place speaks for the class");
    }
  }

  /** Class 0 asks for red, class 1 for green; each has a place of its own in the image. */
  @Test
  void heatLiesWhereTheObjectIs() {
    try (Module net =
        new Sequential(
            new Conv2d(3, 2, 3).padding(1),
            new Relu(),
            new AdaptiveAvgPool2d(),
            new Flatten(),
            new Linear(2, 2))) {
      net.init(device, 1);
      float[] weights = new float[2 * 3 * 3 * 3];
      for (int place = 0; place < 9; place++) {
        weights[place * 3] = 1; // red, for channel 0
        weights[27 + place * 3 + 1] = 1; // green, for channel 1
      }
      LayersTest.set(net, "0.weight", weights);
      LayersTest.set(net, "0.bias", -1, -1);
      LayersTest.set(net, "4.weight", 1, -1, -1, 1);
      float[] image = new float[12 * 16 * 3];
      for (int y = 0; y < 4; y++) {
        for (int x = 0; x < 4; x++) {
          image[((y + 2) * 16 + x + 1) * 3] = 1; // red at rows 2 to 5, columns 1 to 4
          image[((y + 7) * 16 + x + 10) * 3 + 1] = 1; // green at rows 7 to 10, columns 10 to 13
        }
      }
      Tensor one = Tensor.of(device, image, 1, 12, 16, 3);
      Tensor two = Tensor.concat(0, one, one);
      List<HeatMap> maps = new GradCam(net).explain(two, 0, 1);
      assertTrue(share(maps.get(0), 1, 0, 7, 6) > 0.999, "red");
      assertTrue(share(maps.get(1), 6, 9, 12, 15) > 0.999, "green");
      assertEquals(1, maps.get(0).normalized().at(3, 2), 1e-6);
    }
  }

  private static double share(HeatMap m, int top, int left, int bottom, int right) {
    double in = 0;
    double all = 0;
    for (int y = 0; y < m.height(); y++) {
      for (int x = 0; x < m.width(); x++) {
        all += m.at(y, x);
        in += y >= top && y < bottom && x >= left && x < right ? m.at(y, x) : 0;
      }
    }
    assertTrue(all > 0);
    return in / all;
  }

  @Test
  void leavesTheNetworkAsItWas() {
    try (Module net = network()) {
      Tensor images = Tensor.normal(device, 0, 1, 9, 2, 5, 7, 2);
      net.train(true);
      net.modules().get("3").train(false); // a layer in a mode of its own
      Variable frozen = net.parameters().get("0.weight");
      frozen.requiresGrad(false);
      Tensor mean = net.state().get("3.running_mean");
      net.apply(Variable.of(images)).sum().backward();
      float[] gradient = net.parameters().get("2.weight").grad().toArray();
      float[] statistics = mean.toArray();
      float[] before = net.apply(Variable.of(images)).value().toArray();
      new GradCam(net, "2").explain(images, 0, 1);
      assertArrayEquals(gradient, net.parameters().get("2.weight").grad().toArray());
      assertArrayEquals(statistics, mean.toArray());
      assertArrayEquals(before, net.apply(Variable.of(images)).value().toArray());
      assertNull(frozen.grad());
      assertTrue(!frozen.requiresGrad() && net.parameters().get("8.bias").requiresGrad());
      assertTrue(net.isTraining() && !net.modules().get("3").isTraining());
      assertNotNull(net.parameters().get("8.bias").grad());
      net.zeroGrad();
    }
  }

  @Test
  void observingChangesNoResult() {
    try (Module net = network()) {
      net.train(false);
      Variable x = Variable.of(Tensor.normal(device, 0, 1, 9, 1, 5, 7, 2));
      float[] plain = net.apply(x).value().toArray();
      Module.intercept(
          (module, y) -> Variable.parameter(y.value()),
          () -> assertArrayEquals(plain, net.apply(x).value().toArray()));
      var e =
          assertThrows(
              IllegalArgumentException.class,
              () -> Module.intercept((module, y) -> y.reshape(-1), () -> net.apply(x)));
      assertTrue(e.getMessage().contains("[1, 5, 7, 4]"), e.getMessage());
    }
  }

  @Test
  void lastLayerWithPlacesIsTheDefault() {
    try (Module net = Models.create("resnet8", 10, device, 3)) {
      Tensor images = Tensor.normal(device, 0, 1, 2, 1, 32, 32, 3);
      GradCam cam = new GradCam(net);
      assertEquals("layer3", cam.defaultLayer(images));
      assertEquals(8, cam.explain(images, 4).getFirst().height());
    }
    // As VGG: a pooling ends a chain, and another makes many places out of one.
    try (Module net =
        new Sequential(
            new Sequential(new Conv2d(3, 2, 3).padding(1), new Relu(), new MaxPool2d(2)),
            new AdaptiveAvgPool2d(3, 3),
            new Flatten(),
            new Linear(18, 2))) {
      net.init(device, 1);
      Tensor images = Tensor.normal(device, 0, 1, 2, 2, 2, 2, 3);
      assertEquals("0.0", new GradCam(net).defaultLayer(images));
      assertEquals(2, new GradCam(net).explain(images, 0, 1).getLast().width());
    }
  }

  @Test
  void badInputIsNamed() {
    try (Module net = network()) {
      Tensor images = Tensor.normal(device, 0, 1, 9, 1, 5, 7, 2);
      assertMessage("no layer 'x'; it has 0, 1", () -> new GradCam(net, "x"));
      assertMessage("gives [1, 6]", () -> new GradCam(net, "6").explain(images, 0));
      assertMessage("as a ReLU that", () -> new GradCam(net, "1").explain(images, 0));
      assertMessage("class 4, expected 0 to below 4", () -> new GradCam(net).explain(images, 4));
      assertMessage("[1, 5, 7, 2] and 2 classes", () -> new GradCam(net).explain(images, 0, 1));
      assertTrue(net.parameters().get("8.bias").requiresGrad(), "after an error too");
    }
    Tensor images = Tensor.normal(device, 0, 1, 9, 1, 1, 1, 2);
    try (Module flat = new Sequential(new Flatten(), new Linear(2, 2))) {
      flat.init(device, 1);
      assertMessage(
          "no layer gives more than one place", () -> new GradCam(flat).explain(images, 0));
    }
  }

  private static void assertMessage(String part, Runnable body) {
    var e = assertThrows(IllegalArgumentException.class, body::run);
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }

  @Test
  void mapsAreScaledBetweenCentres() {
    HeatMap m = new HeatMap(1, 2, new float[] {0, 4});
    assertArrayEquals(new float[] {0, 1, 3, 4}, m.resized(1, 4).values(), 1e-6f);
    assertArrayEquals(new float[] {0, 1}, m.normalized().values());
    assertArrayEquals(new float[] {2}, m.resized(1, 1).values());
    assertArrayEquals(new float[2], new HeatMap(1, 2, new float[2]).normalized().values());
    assertThrows(IllegalArgumentException.class, () -> new HeatMap(2, 2, new float[3]));
  }
}
