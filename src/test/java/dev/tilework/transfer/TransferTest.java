package dev.tilework.transfer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tilework.Device;
import dev.tilework.Scope;
import dev.tilework.Tensor;
import dev.tilework.TestDevices;
import dev.tilework.autograd.Variable;
import dev.tilework.models.Models;
import dev.tilework.nn.BatchNorm2d;
import dev.tilework.nn.Flatten;
import dev.tilework.nn.Module;
import dev.tilework.nn.Sequential;
import dev.tilework.train.Optimizer;
import dev.tilework.train.ParameterGroup;
import dev.tilework.train.Sgd;
import dev.tilework.train.WeightDecay;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TransferTest {
  private static final Device CPU = TestDevices.cpu();

  private static Tensor images(long seed) {
    return Tensor.normal(CPU, 0, 1, seed, 4, 8, 8, 3);
  }

  private static Map<String, float[]> values(Module m) {
    Map<String, float[]> all = new LinkedHashMap<>();
    m.state().forEach((name, t) -> all.put(name, t.toArray()));
    return all;
  }

  @Test
  void theClassifierOfEveryModelIsItsLastLinearLayer() {
    for (String name : Models.names()) {
      String expected = name.startsWith("vgg") ? "classifier.6" : "fc";
      Module m = Models.build(name, 7);
      assertEquals(expected, Transfer.classifierName(m), name);
      assertEquals(7, Transfer.classifier(m).outputs(), name);
    }
    Module none = new Sequential(new Flatten());
    assertThrows(IllegalArgumentException.class, () -> Transfer.classifierName(none));
  }

  @Test
  void onlyTheClassifierIsReplaced() {
    long before = CPU.memory().live();
    try (Module m = Models.create("resnet8", 10, CPU, 1);
        Scope _ = Scope.open()) {
      Map<String, float[]> old = values(m);
      Transfer.replaceClassifier(m, 3, 9);
      assertArrayEquals(new int[] {3, 64}, m.state().get("fc.weight").shape().dims());
      assertArrayEquals(new int[] {3}, m.state().get("fc.bias").shape().dims());
      old.forEach(
          (name, v) -> {
            if (!name.startsWith("fc.")) {
              assertArrayEquals(v, m.state().get(name).toArray(), name);
            }
          });
      assertArrayEquals(new int[] {4, 3}, m.apply(Variable.of(images(2))).shape().dims());
      float[] first = m.state().get("fc.weight").toArray();
      Transfer.replaceClassifier(m, 3, 9);
      assertArrayEquals(first, m.state().get("fc.weight").toArray(), "the same seed");
      assertEquals(List.copyOf(old.keySet()), List.copyOf(m.state().keySet()), "the order");
    }
    assertEquals(before, CPU.memory().live(), "the old weights are freed");
  }

  @Test
  void nothingIsRecordedBelowTheFirstPartThatLearns() {
    try (Module m = Models.create("resnet8", 3, CPU, 1);
        Scope _ = Scope.open()) {
      Transfer.freezeBelow(m, "layer3.0.conv2");
      assertEquals(
          List.of(
              "layer3.0.conv2.weight",
              "layer3.0.bn2.weight",
              "layer3.0.bn2.bias",
              "fc.weight",
              "fc.bias"),
          List.copyOf(m.trainableParameters().keySet()));
      assertTrue(m.isTraining());
      assertFalse(m.modules().get("bn1").isTraining());
      assertFalse(m.modules().get("layer3.0.bn1").isTraining());
      assertTrue(m.modules().get("layer3.0.bn2").isTraining());
      Map<String, Module> modules = m.modules();
      List<String> recorded = new ArrayList<>();
      Variable[] loss = new Variable[1];
      Module.observe(
          (module, y) -> {
            if (y.requiresGrad()) {
              modules.forEach(
                  (name, other) -> {
                    if (other == module) {
                      recorded.add(name);
                    }
                  });
            }
          },
          () -> loss[0] = m.apply(Variable.of(images(3))).sum());
      assertEquals("layer3.0.conv2", recorded.getFirst(), recorded.toString());
      loss[0].backward();
      m.parameters().forEach((name, v) -> assertEquals(v.requiresGrad(), v.grad() != null, name));
      m.zeroGrad();
    }
  }

  @Test
  void aStepLeavesWhatIsFrozenAsItWas() {
    try (Module m = Models.create("resnet8", 3, CPU, 1)) {
      Transfer.freezeBelow(m, "layer3");
      Transfer.freezeBatchNorm(m);
      Map<String, float[]> before = values(m);
      List<ParameterGroup> groups = Transfer.groups(m, 0.1f, WeightDecay.NONE);
      assertEquals(
          List.of("fc.weight", "fc.bias"), List.copyOf(groups.get(0).parameters().keySet()));
      assertEquals(
          List.of("layer3.0.conv1.weight", "layer3.0.conv2.weight"),
          List.copyOf(groups.get(1).parameters().keySet()));
      try (Optimizer o = new Sgd(groups, 0.9f, true)) {
        assertEquals(4, o.state().size(), "no state for what is frozen");
        for (int i = 0; i < 3; i++) {
          try (Scope _ = Scope.open()) {
            m.train(true);
            m.apply(Variable.of(images(i)))
                .crossEntropy(Tensor.ofInts(CPU, new int[] {0, 1, 2, 0}, 4), 0)
                .backward();
            o.step(0.1f);
            m.zeroGrad();
          }
        }
        m.state()
            .forEach(
                (name, t) ->
                    assertEquals(
                        m.trainableParameters().containsKey(name),
                        !java.util.Arrays.equals(before.get(name), t.toArray()),
                        name));
      }
    }
  }

  @Test
  void unfreezingBehindTheOptimizersBackIsAnError() {
    try (Module m = Models.create("resnet8", 3, CPU, 1);
        Scope _ = Scope.open()) {
      Transfer.freezeBelow(m, "fc");
      try (Optimizer o = new Sgd(m.parameters(), 0.9f, true, WeightDecay.NONE)) {
        m.unfreeze();
        m.apply(Variable.of(images(1))).sum().backward();
        var e = assertThrows(IllegalStateException.class, () -> o.step(0.1f));
        assertTrue(e.getMessage().contains("'conv1.weight' was frozen"), e.getMessage());
        m.zeroGrad();
      }
    }
  }

  @Test
  void aPartThatIsNotThereIsNamed() {
    try (Module m = Models.create("resnet8", 3, CPU, 1)) {
      for (String part : new String[] {"layer9", "", "layer3.7", "fc.weight"}) {
        var e = assertThrows(IllegalArgumentException.class, () -> Transfer.freezeBelow(m, part));
        assertTrue(e.getMessage().contains("layer2, layer3"), e.getMessage());
      }
      m.parameters().forEach((name, v) -> assertTrue(v.requiresGrad(), name));
    }
  }

  @Test
  void frozenModulesWorkAsInInferenceUntilTheyAreUnfrozen() {
    try (Module m = new Sequential(new BatchNorm2d(3));
        Scope _ = Scope.open()) {
      m.init(CPU, 1);
      m.freeze();
      m.train(true);
      assertTrue(m.isFrozen());
      assertFalse(m.isTraining());
      float[] x = images(1).toArray();
      float[] y = m.apply(Variable.of(images(1))).value().toArray();
      for (int i = 0; i < x.length; i++) {
        assertEquals(x[i], y[i], 1e-4, "mean 0 and variance 1 from the beginning");
      }
      assertNull(m.parameters().get("0.weight").grad());
      m.unfreeze();
      assertTrue(m.isTraining());
    }
  }
}
