package dev.tilework.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tilework.Device;
import dev.tilework.Devices;
import dev.tilework.Scope;
import dev.tilework.Shape;
import dev.tilework.Tensor;
import dev.tilework.TestDevices;
import dev.tilework.autograd.Variable;
import dev.tilework.kernels.reference.ReferenceDriver;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ModuleTest {
  private static final Device CPU = Devices.cpu();

  private static Sequential net() {
    return new Sequential(
        new Conv2d(3, 4, 3), new BatchNorm2d(4), new Relu(), new Flatten(), new Linear(16, 2));
  }

  @Test
  void namesAndShapesAreKnownBeforeThereAreValues() {
    try (Module m = net()) {
      assertEquals(
          List.of(
              "0.weight",
              "0.bias",
              "1.weight",
              "1.bias",
              "1.running_mean",
              "1.running_var",
              "4.weight",
              "4.bias"),
          List.copyOf(m.shapes().keySet()));
      assertEquals(Shape.of(4, 3, 3, 3), m.shapes().get("0.weight"));
      assertEquals(108 + 4 + 8 + 32 + 2, m.parameterCount());
      var e = assertThrows(IllegalStateException.class, m::state);
      assertTrue(e.getMessage().contains("weight [4, 3, 3, 3]"), e.getMessage());
      assertTrue(e.getMessage().contains("init"), e.getMessage());
      assertThrows(IllegalStateException.class, m::parameters);
      m.init(CPU, 1);
      assertEquals(m.shapes().keySet(), m.state().keySet());
      assertEquals(6, m.parameters().size());
    }
  }

  @Test
  void theSeedChoosesTheValuesAndParametersDiffer() {
    try (Module a = net();
        Module b = net();
        Module c = net();
        Module twins = new Sequential(new Linear(8, 8), new Linear(8, 8))) {
      a.init(CPU, 1);
      b.init(CPU, 1);
      c.init(CPU, 2);
      twins.init(CPU, 1);
      a.state().forEach((name, t) -> assertArrayEquals(t.toArray(), b.state().get(name).toArray()));
      assertFalse(Arrays.equals(values(a, "0.weight"), values(c, "0.weight")));
      assertFalse(Arrays.equals(values(twins, "0.weight"), values(twins, "1.weight")));
    }
  }

  @Test
  void initMakesOnlyWhatHasNoValues() {
    try (Linear old = new Linear(4, 3)) {
      old.init(CPU, 1);
      float[] before = values(old, "weight");
      Sequential m = new Sequential(old, new Linear(3, 2));
      m.init(CPU, 2);
      assertArrayEquals(before, values(m, "0.weight"));
      assertEquals(Shape.of(2, 3), m.state().get("1.weight").shape());
      m.close();
    }
  }

  @Test
  void initThatFailsLeavesNothing() {
    Device device = countingOnlyThisTest();
    Init failing =
        (d, shape, seed, stream) -> {
          throw new IllegalStateException("no room");
        };
    try (Module m = new Sequential(new Linear(4, 4), new Linear(4, 4, true, failing))) {
      assertThrows(IllegalStateException.class, () -> m.init(device, 1));
      assertEquals(0, device.memory().live());
      assertThrows(IllegalStateException.class, m::state);
    }
  }

  @Test
  void parametersOutliveScopesAndCloseFreesThem() {
    Device device = countingOnlyThisTest();
    Module m = net();
    try (Scope scope = Scope.open()) {
      m.init(device, 1);
    }
    try (Scope scope = Scope.open()) {
      m.apply(images(device)).sum().backward();
    }
    assertTrue(device.memory().live() > 0);
    m.close();
    assertEquals(0, device.memory().live());
  }

  @Test
  void frozenParametersGetNoGradient() {
    try (Module m = net();
        Scope scope = Scope.open()) {
      m.init(CPU, 1);
      m.children().get("0").freeze();
      m.apply(images()).sum().backward();
      assertNull(m.parameters().get("0.weight").grad());
      assertNotNull(m.parameters().get("4.weight").grad());
      m.zeroGrad();
      assertNull(m.parameters().get("4.weight").grad());
      m.unfreeze();
      m.apply(images()).sum().backward();
      m.parameters().forEach((name, v) -> assertNotNull(v.grad(), name));
    }
  }

  @Test
  void modeReachesEveryPart() {
    try (Module m = net()) {
      assertTrue(m.modules().values().stream().allMatch(Module::isTraining));
      m.train(false);
      assertTrue(m.modules().values().stream().noneMatch(Module::isTraining));
    }
  }

  @Test
  void namesMustBeFree() {
    assertThrows(IllegalArgumentException.class, () -> new Named("a", "a"));
    assertThrows(IllegalArgumentException.class, () -> new Named("a.b", "c"));
    assertThrows(IllegalArgumentException.class, () -> new Named("", "c"));
  }

  @Test
  void givenValuesAreParametersAndBuffers() {
    try (Given m = new Given()) {
      assertEquals(List.of("scale"), List.copyOf(m.parameters().keySet()));
      assertEquals(List.of("scale", "count"), List.copyOf(m.state().keySet()));
      try (Scope scope = Scope.open()) {
        Variable y = m.apply(Variable.of(Tensor.of(CPU, new float[] {2}, 1)));
        assertArrayEquals(new float[] {6}, y.value().toArray());
      }
    }
  }

  @Test
  void listenersSeeInnerResultsFirstAndOnlyInside() {
    Flatten inner = new Flatten();
    Sequential outer = new Sequential(inner);
    List<Module> seen = new ArrayList<>();
    try (Scope scope = Scope.open()) {
      Variable x = images();
      Module.observe((m, y) -> seen.add(m), () -> outer.apply(x));
      outer.apply(x);
    }
    assertEquals(List.of(inner, outer), seen);
  }

  /**
   * The bytes live on the shared device also change when a lost tensor of another test is found.
   */
  private static Device countingOnlyThisTest() {
    return TestDevices.of(new ReferenceDriver("reference"));
  }

  private static Variable images() {
    return images(CPU);
  }

  private static Variable images(Device device) {
    return Variable.of(Tensor.normal(device, 0, 1, 9, 2, 4, 4, 3));
  }

  private static float[] values(Module m, String name) {
    return m.state().get(name).toArray();
  }

  private static final class Named extends Module {
    Named(String first, String second) {
      child(first, new Flatten());
      parameter(second, Init.constant(0), 1);
    }

    @Override
    protected Variable forward(Variable x) {
      return x;
    }
  }

  private static final class Given extends Module {
    private final Variable scale = parameter("scale", Tensor.of(CPU, new float[] {3}, 1));

    Given() {
      buffer("count", Tensor.ofInts(CPU, new int[] {0}, 1));
    }

    @Override
    protected Variable forward(Variable x) {
      return x.multiply(scale);
    }
  }
}
