package dev.tilework.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tilework.Device;
import dev.tilework.Scope;
import dev.tilework.Tensor;
import dev.tilework.autograd.NoGrad;
import dev.tilework.autograd.Variable;
import dev.tilework.kernels.Activation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Fusing users' own chains: what becomes one pass, what does not, and whose memory it is. */
@ParameterizedClass(name = "{0}", allowZeroInvocations = true)
@MethodSource("dev.tilework.kernels.DeviceUnderTest#fresh")
class FuseTest {
  private static final int SEED = 31;

  @Parameter private Device device;

  @Test
  void convolutionNormAndActivationAreOnePass() {
    for (Activation a : List.of(Activation.RELU, Activation.leakyRelu(0.1f), Activation.SILU)) {
      assertEquals(
          List.of("FusedConv", "FusedConv"),
          steps(
              new Sequential(
                  new Conv2d(3, 5, 3).padding(1).withoutBias(),
                  new BatchNorm2d(5, 1e-2f, 0.1f),
                  new Activate(a),
                  new Sequential(new Conv2d(5, 4, 3).stride(2), new BatchNorm2d(4)))));
    }
  }

  @Test
  void depthwiseAndDilated() {
    steps(
        new Sequential(
            new SeparableConv2d(3, 6, 3).padding(2).dilation(2),
            new BatchNorm2d(6),
            new Conv2d(6, 4, 3).groups(2),
            new BatchNorm2d(4)));
  }

  @Test
  void normBeforeConvolution() {
    assertEquals(
        List.of("FrozenNorm", "FusedConv", "FrozenNorm", "Activate"),
        steps(
            new Sequential(
                new BatchNorm2d(3),
                new Relu(),
                new Conv2d(3, 4, 3),
                new Relu(),
                new BatchNorm2d(4),
                new Activate(Activation.TANH))));
  }

  @Test
  void residuals() {
    Module body = new Sequential(conv(3, 3), new BatchNorm2d(3), new Relu(), conv(3, 3));
    assertEquals(List.of("FusedResidual"), steps(new Residual(body)));
    // The activation behind a sum without one joins it; the pool leaves the sum to the shortcut.
    assertEquals(
        List.of("FusedResidual", "FusedConv"),
        steps(
            new Sequential(
                new Residual(
                    new Sequential(conv(3, 4), new BatchNorm2d(4), new MaxPool2d(3, 2, 1)),
                    new Sequential(new Conv2d(3, 4, 1).stride(2), new BatchNorm2d(4)),
                    Activation.IDENTITY),
                new Activate(Activation.SILU),
                conv(4, 2))));
    // Neither side ends with a convolution that could take the sum up.
    assertEquals(
        List.of("FusedResidual"),
        steps(new Residual(new Sequential(conv(3, 3), new Relu()), null, Activation.RELU)));
    assertEquals(
        List.of("FusedResidual"), steps(new Residual(new AvgPool2d(3, 1, 1, false), new Relu())));
  }

  @Test
  void branchesDropoutAndLinear() {
    assertEquals(
        List.of("Branches", "AdaptiveAvgPool2d", "Flatten", "FrozenLinear", "FrozenLinear"),
        steps(
            new Sequential(
                new Branches(
                    conv(3, 2),
                    new Sequential(conv(3, 4), new BatchNorm2d(4), new Relu()),
                    new MaxPool2d(3, 1, 1)),
                new Dropout(0.5f),
                new AdaptiveAvgPool2d(),
                new Flatten(),
                new Linear(9, 5),
                new Linear(5, 4, false, Init.normal(1)))));
  }

  /** Fuses, compares with the original on random statistics, and gives the kinds of the steps. */
  private List<String> steps(Module m) {
    try (m;
        Scope scope = Scope.open();
        NoGrad off = NoGrad.open()) {
      fill(m);
      m.train(false);
      Variable x = Variable.of(Tensor.normal(device, 0, 1, SEED, 2, 9, 7, 3));
      Variable expected = m.apply(x);
      try (Module fused = m.fuse()) {
        Variable y = fused.apply(x);
        assertEquals(expected.shape(), y.shape());
        assertArrayEquals(expected.value().toArray(), y.value().toArray(), 2e-5f, "seed " + SEED);
        return new ArrayList<>(
            fused.children().values().stream().map(l -> l.getClass().getSimpleName()).toList());
      }
    }
  }

  @Test
  void ownMemoryClosedByItself() {
    Module m = new Sequential(conv(3, 4), new BatchNorm2d(4), new Flatten(), new Linear(252, 2));
    long before = device.memory().live();
    fill(m);
    Module fused = m.fuse();
    Map<String, Tensor> own = fused.state();
    try (Scope scope = Scope.open()) {
      Variable x = Variable.of(Tensor.normal(device, 0, 1, SEED, 1, 9, 7, 3));
      m.train(false);
      float[] expected = m.apply(x).value().toArray();
      m.close();
      assertArrayEquals(expected, fused.apply(x).value().toArray(), 2e-5f);
      fused.close();
      assertTrue(own.values().stream().allMatch(Tensor::isClosed));
      assertThrows(IllegalStateException.class, () -> fused.apply(x));
    }
    assertEquals(before, device.memory().live());
  }

  @Test
  void trainingThroughItIsRefused() {
    try (Module m = new Sequential(conv(3, 4), new BatchNorm2d(4));
        Scope scope = Scope.open()) {
      fill(m);
      try (Module fused = m.fuse();
          Module around = new Sequential(conv(3, 3), fused)) {
        var e = assertThrows(IllegalStateException.class, () -> fused.train(true));
        assertTrue(e.getMessage().contains("inference"), e.getMessage());
        e = assertThrows(IllegalStateException.class, () -> around.train(true));
        assertTrue(e.getMessage().contains("'1'"), e.getMessage());
        around.init(device, 1);
        Variable x = Variable.of(Tensor.zeros(device, 1, 4, 4, 3));
        e = assertThrows(IllegalStateException.class, () -> around.apply(x));
        assertTrue(e.getMessage().contains("gradient"), e.getMessage());
        assertFalse(fused.isTraining());
        assertTrue(m.isTraining(), "the network it was made of still trains");
        assertThrows(IllegalStateException.class, fused::fuse);
      }
    }
  }

  /** A layer that does not say what it is in inference. */
  private static class Doubling extends Module {
    @Override
    protected Variable forward(Variable x) {
      return x.affine(2, 0);
    }
  }

  @Test
  void layersOfOnesOwn() {
    try (Module m = new Sequential(conv(3, 4), new Doubling())) {
      fill(m);
      long before = device.memory().live();
      var e = assertThrows(UnsupportedOperationException.class, m::fuse);
      assertTrue(e.getMessage().contains("Doubling"), e.getMessage());
      assertEquals(before, device.memory().live());
    }
    assertEquals(
        List.of("FusedConv", ""),
        steps(
            new Sequential(
                conv(3, 4),
                new Doubling() {
                  @Override
                  protected Module inferenceCopy() {
                    return new Doubling() {};
                  }
                })));
  }

  @Test
  void withoutValues() {
    try (Module m = new Sequential(conv(3, 4))) {
      assertThrows(IllegalStateException.class, m::fuse);
    }
  }

  @Test
  void compositeNamesItsParts() {
    Conv2d conv = conv(3, 4);
    Module m =
        new Composite() {
          {
            compose(new Sequential(child("first", conv), new Relu()));
            assertThrows(IllegalStateException.class, () -> compose(conv));
          }
        };
    try (m) {
      assertEquals(List.of("first.weight", "first.bias"), List.copyOf(m.shapes().keySet()));
    }
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                new Composite() {
                  {
                    compose(new Sequential(new Relu(), conv));
                  }
                });
    assertTrue(e.getMessage().contains("'1'"), e.getMessage());
  }

  private static Conv2d conv(int in, int out) {
    return new Conv2d(in, out, 3).padding(1);
  }

  private void fill(Module m) {
    m.init(device, SEED);
    long seed = SEED;
    for (Map.Entry<String, Tensor> e : m.state().entrySet()) {
      Tensor t = e.getValue();
      boolean positive = e.getKey().endsWith("running_var");
      try (Scope scope = Scope.open()) {
        int[] dims = t.shape().dims();
        if (t.shape().rank() == 1) {
          t.set(Tensor.uniform(device, positive ? 0.3f : -1, 1.5f, seed++, dims));
        }
      }
    }
  }
}
