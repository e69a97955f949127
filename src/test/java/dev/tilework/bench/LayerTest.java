package dev.tilework.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tilework.Device;
import dev.tilework.Devices;
import dev.tilework.Scope;
import dev.tilework.Tensor;
import dev.tilework.kernels.ConvGeometry;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;

/** The lists of layers are the networks', and what they say is understood by the validation. */
class LayerTest {
  private static long sum(String list, ToLongFunction<Layer> of) {
    return Layer.list(list).stream().mapToLong(l -> l.count() * of.applyAsLong(l)).sum();
  }

  private static long weights(Layer l) {
    return l.geometry(1).weightShape().elements();
  }

  /** Counts of convolutions and of their weights, as they are published. */
  @Test
  void listsHaveTheNetworksConvolutions() {
    assertEquals(53, sum("resnet50", l -> 1));
    // 25.557 million parameters, less the last layer's and two for each normalized channel.
    assertEquals(25_557_032 - 2_049_000 - 2 * 26_560, sum("resnet50", LayerTest::weights));
    assertEquals(13, sum("vgg16", l -> 1));
    assertEquals(14_714_688 - 4_224, sum("vgg16", LayerTest::weights));
    assertEquals(94, sum("inception_v3", l -> 1));
    // torchvision's 27.161 million, less 3.327 of the auxiliary head.
    assertEquals(
        27_161_264 - 3_326_696 - 2_049_000 - 2 * 17_216, sum("inception_v3", LayerTest::weights));
    assertEquals(74, sum("xception", l -> 1));
    // Keras' 22.910 million, in which a normalized channel counts four.
    assertEquals(22_910_480 - 2_049_000 - 4 * 27_264, sum("xception", LayerTest::weights));
  }

  @Test
  void namesOccurOnceAndShapesFollowOnEachOther() {
    for (String list : Layer.ALL_LISTS) {
      Set<String> names = new HashSet<>();
      for (Layer l : Layer.list(list)) {
        assertTrue(names.add(l.id()), l.id() + " occurs twice");
        assertEquals(l, Layer.of(l.id()));
        ConvGeometry g = l.geometry(3);
        assertTrue(g.outH() >= 1 && g.outW() >= 1, l.id());
        assertEquals(list, l.list());
      }
    }
    assertThrows(IllegalArgumentException.class, () -> Layer.list("none"));
    assertThrows(IllegalArgumentException.class, () -> Layer.of("vgg16/none"));
  }

  /** What the validation expects is what the device computes, for groups and odd kernels too. */
  @Test
  void validationKnowsGroupsAndKernelsThatAreNotSquare() {
    Device cpu = Devices.cpu();
    List<Layer> layers =
        List.of(
            Layer.of("mobilenet_depthwise/v3.672s2").toy(9, 12),
            Layer.of("inception_v3/6b.7x7_2").toy(11, 7),
            Layer.of("inception_v3/7b.3x3_2b").toy(8, 5),
            new Layer("odd/groups", 6, 7, 5, 9, 3, 2, 2, 1, 0, 1, 3));
    try (Scope scope = Scope.open()) {
      for (Layer layer : layers) {
        ConvGeometry g = layer.geometry(2);
        for (Pass pass : Pass.values()) {
          Tensor a = Tensor.uniform(cpu, -0.5f, 0.5f, 1, pass.first(g).dims());
          Tensor b = Tensor.uniform(cpu, -0.5f, 0.5f, 2, pass.second(g).dims());
          float[] result = cpu.run1(pass.op(g), a, b).toArray();
          Validation.check(pass, g, a.toArray(), b.toArray(), result);
          result[result.length - 1] += 0.1f;
          assertThrows(
              IllegalStateException.class,
              () -> Validation.check(pass, g, a.toArray(), b.toArray(), result),
              () -> layer + ", " + pass);
        }
      }
    }
  }
}
