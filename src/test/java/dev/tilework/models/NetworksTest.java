package dev.tilework.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tilework.Device;
import dev.tilework.Scope;
import dev.tilework.Shape;
import dev.tilework.Tensor;
import dev.tilework.autograd.Variable;
import dev.tilework.kernels.ConvOptions;
import dev.tilework.kernels.NormOp;
import dev.tilework.nn.Module;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What the networks compute, at sizes that take little time. */
@ParameterizedClass(name = "{0}", allowZeroInvocations = true)
@MethodSource("dev.tilework.kernels.DeviceUnderTest#fresh")
class NetworksTest {
  @Parameter private Device device;

  @Test
  void gradientsReachEveryParameterOfAResNet() {
    try (Module m = Models.create("resnet8", 10, device, 1)) {
      reachesAll(m, 16);
    }
  }

  @Test
  void gradientsReachEveryParameterOfAnImageNetResNet() {
    try (Module m = ResNet.imageNet(new int[] {1, 1, 1, 1}, true, 10)) {
      m.init(device, 1);
      reachesAll(m, 32);
    }
  }

  @Test
  void gradientsReachEveryParameterOfAVgg() {
    for (boolean norm : new boolean[] {false, true}) {
      try (Module m = new Vgg(new int[] {1, 1, 1, 1, 1}, norm, 10, 16)) {
        m.init(device, 1);
        reachesAll(m, 32);
      }
    }
  }

  private void reachesAll(Module m, int size) {
    try (Scope scope = Scope.open()) {
      Variable x = images(4, size, 3);
      Variable y = m.apply(x);
      assertEquals(Shape.of(4, 10), y.shape());
      y.crossEntropy(Tensor.ofInts(device, new int[] {0, 3, 5, 9}, 4), 0).backward();
    }
    m.parameters()
        .forEach(
            (name, v) -> {
              assertNotNull(v.grad(), name);
              assertEquals(v.shape(), v.grad().shape());
              double sum = 0;
              for (float g : v.grad().toArray()) {
                sum += Math.abs(g);
              }
              assertTrue(sum > 0 && Double.isFinite(sum), name + ": sum of |gradient| " + sum);
            });
  }

  /** The block against its formula, each step an operation of its own. */
  @Test
  void basicBlock() {
    try (Module projection = new dev.tilework.nn.Sequential(Layers.conv(3, 4, 1, 2));
        Module block = new BasicBlock(3, 4, 2, projection);
        Scope scope = Scope.open()) {
      block.init(device, 3);
      block.train(false);
      Variable x = images(2, 6, 3);
      Map<String, Tensor> s = block.state();
      Variable y = norm(conv(x, s, "conv1", 2, 1), s, "bn1").relu();
      y = norm(conv(y, s, "conv2", 1, 1), s, "bn2");
      Variable expected = y.add(conv(x, s, "downsample.0", 2, 0)).relu();
      assertClose(expected, block.apply(x));
    }
  }

  @Test
  void bottleneck() {
    try (Module block = new Bottleneck(8, 2, 1, null);
        Scope scope = Scope.open()) {
      block.init(device, 4);
      block.train(false);
      Variable x = images(2, 5, 8);
      Map<String, Tensor> s = block.state();
      Variable y = norm(conv(x, s, "conv1", 1, 0), s, "bn1").relu();
      y = norm(conv(y, s, "conv2", 1, 1), s, "bn2").relu();
      y = norm(conv(y, s, "conv3", 1, 0), s, "bn3");
      assertClose(y.add(x).relu(), block.apply(x));
    }
  }

  @Test
  void paddedShortcut() {
    try (Scope scope = Scope.open()) {
      Variable x = Variable.parameter(Tensor.of(device, new float[] {1, 2, 3, 4}, 1, 2, 2, 1));
      Variable y = new PaddedShortcut(1, 4, 1).apply(x);
      assertArrayEquals(
          new float[] {0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0}, y.value().toArray());
      Variable z = new PaddedShortcut(1, 3, 2).apply(x);
      assertArrayEquals(new float[] {0, 1, 0}, z.value().toArray());
      z.sum().backward();
      assertArrayEquals(new float[] {1, 0, 0, 0}, x.grad().toArray());
      x.zeroGrad();
    }
  }

  /** Along the gradient the loss changes as the gradient says, through every kind of block. */
  @Test
  void gradientOfAResNetAgreesWithDifferences() {
    try (Module m = Models.create("resnet8", 10, device, 5)) {
      Map<String, Variable> parameters = m.parameters();
      try (Scope scope = Scope.open()) {
        loss(m).backward();
      }
      double squares = 0;
      for (Variable v : parameters.values()) {
        for (float g : v.grad().toArray()) {
          squares += (double) g * g;
        }
      }
      double slope = Math.sqrt(squares);
      float h = 1e-2f;
      double up = lossAt(m, (float) (h / slope));
      double down = lossAt(m, (float) (-2 * h / slope));
      // Second-order terms cancel; kinks of the ReLUs and float32 sums leave some per cent.
      assertEquals(slope, (up - down) / (2 * h), 0.03 * slope);
    }
  }

  private double lossAt(Module m, float step) {
    try (Scope scope = Scope.open()) {
      for (Variable v : m.parameters().values()) {
        v.value().set(v.value().add(v.grad().multiply(step)));
      }
      return loss(m).value().item();
    }
  }

  private Variable loss(Module m) {
    return m.apply(images(4, 8, 3))
        .crossEntropy(Tensor.ofInts(device, new int[] {1, 2, 3, 4}, 4), 0.1f);
  }

  private Variable images(int n, int size, int channels) {
    return Variable.of(Tensor.normal(device, 0, 1, 17, n, size, size, channels));
  }

  private static Variable conv(
      Variable x, Map<String, Tensor> s, String name, int stride, int padding) {
    return x.conv2d(
        Variable.of(s.get(name + ".weight")), ConvOptions.DEFAULT.stride(stride).padding(padding));
  }

  private static Variable norm(Variable x, Map<String, Tensor> s, String name) {
    return Variable.apply(
        new NormOp.BatchNormInference(1e-5f, false, false),
        x,
        Variable.of(s.get(name + ".weight")),
        Variable.of(s.get(name + ".bias")),
        Variable.of(s.get(name + ".running_mean")),
        Variable.of(s.get(name + ".running_var")));
  }

  private static void assertClose(Variable expected, Variable y) {
    assertEquals(expected.shape(), y.shape());
    assertArrayEquals(expected.value().toArray(), y.value().toArray(), 1e-4f);
  }
}
