package dev.tilework.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tilework.Device;
import dev.tilework.Scope;
import dev.tilework.Shape;
import dev.tilework.Tensor;
import dev.tilework.TestDevices;
import dev.tilework.autograd.NoGrad;
import dev.tilework.autograd.Variable;
import dev.tilework.nn.AuxiliaryLogits;
import dev.tilework.nn.Module;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The auxiliary classifier of Inception-v3: there in training, left out else. */
class InceptionTest {
  private final Device device = TestDevices.cpu();

  @Test
  void auxiliaryLossCountsByFourTenthsInTraining() {
    try (Module m = Models.create("inception_v3", 3, device, 1);
        Scope scope = Scope.open()) {
      Tensor labels = Tensor.ofInts(device, new int[] {2, 0}, 2);
      AuxiliaryLogits.Outputs out = AuxiliaryLogits.of(m, images(2, 299));
      assertEquals(Shape.of(2, 3), out.logits().shape());
      assertEquals(1, out.auxiliary().size());
      Variable inside = out.auxiliary().getFirst().logits();
      assertEquals(Shape.of(2, 3), inside.shape());
      Variable loss = out.crossEntropy(labels, 0.1f);
      float end = out.logits().crossEntropy(labels, 0.1f).value().item();
      float auxiliary = inside.crossEntropy(labels, 0.1f).value().item();
      assertEquals(end + 0.4 * auxiliary, loss.value().item(), 1e-5);
      loss.backward();
      m.parameters().forEach((name, v) -> assertNotNull(v.grad(), name));
    }
  }

  @Test
  void evaluationAsksNothingOfTheAuxiliaryClassifier() {
    try (Module m = Models.create("inception_v3", 3, device, 1);
        Module without = Models.create("inception_v3_no_aux", 3, device, 1);
        Scope scope = Scope.open();
        NoGrad off = NoGrad.open()) {
      m.train(false);
      without.train(false);
      without.state().forEach((name, t) -> t.set(m.state().get(name)));
      Variable x = images(1, 75);
      Set<Module> applied = new HashSet<>();
      Module.observe(
          (module, y) -> applied.add(module),
          () -> {
            assertTrue(AuxiliaryLogits.of(m, x).auxiliary().isEmpty());
          });
      assertTrue(applied.contains(m.modules().get("Mixed_6e")));
      assertFalse(applied.contains(m.modules().get("AuxLogits")));
      // The same weights without the classifier give the same logits.
      assertEquals(
          Arrays.toString(without.apply(x).value().toArray()),
          Arrays.toString(m.apply(x).value().toArray()));
    }
  }

  @Test
  void imagesTooSmallForTheAuxiliaryClassifier() {
    try (Module m = Models.create("inception_v3", 3, device, 1);
        Scope scope = Scope.open()) {
      var e =
          assertThrows(IllegalArgumentException.class, () -> AuxiliaryLogits.of(m, images(1, 75)));
      assertTrue(e.getMessage().contains("299x299"), e.getMessage());
      assertTrue(e.getMessage().contains("inception_v3_no_aux"), e.getMessage());
    }
  }

  private Variable images(int n, int size) {
    return Variable.of(Tensor.normal(device, 0, 1, 17, n, size, size, 3));
  }
}
