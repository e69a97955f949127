package dev.tilework.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tilework.Devices;
import dev.tilework.Shape;
import dev.tilework.nn.Module;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sizes and names against torchvision's documentation and the papers. */
class ModelsTest {
  @ParameterizedTest
  @CsvSource({
    "vgg11, 132863336",
    "vgg11_bn, 132868840",
    "vgg13, 133047848",
    "vgg13_bn, 133053736",
    "vgg16, 138357544",
    "vgg16_bn, 138365992",
    "vgg19, 143667240",
    "vgg19_bn, 143678248",
    "resnet18, 11689512",
    "resnet34, 21797672",
    "resnet50, 25557032",
    "resnet101, 44549160",
    "resnet152, 60192808",
    "inception_v3, 27161264",
    "inception_v3_no_aux, 23834568",
    "xception, 22855952",
    "resnet20, 269722",
    "resnet32, 464154",
    "resnet56, 853018",
    "resnet110, 1727962"
  })
  void parameters(String name, long expected) {
    assertEquals(expected, Models.describe(name).parameters());
  }

  /** Keras' documentation of Xception gives both its counts. */
  @ParameterizedTest
  @CsvSource({"vgg16, 138357544", "resnet50, 25610152", "xception, 22910480"})
  void withRunningStatistics(String name, long expected) {
    assertEquals(expected, Models.describe(name).stateNumbers());
  }

  /** Multiply-adds as torchvision's table of weights lists them, in units of 10^9. */
  @ParameterizedTest
  @CsvSource({
    "vgg11, 7.61",
    "vgg16, 15.47",
    "vgg19, 19.63",
    "resnet18, 1.81",
    "resnet34, 3.66",
    "resnet50, 4.09",
    "resnet101, 7.80",
    "resnet152, 11.51",
    "inception_v3, 5.71",
    "inception_v3_no_aux, 5.71"
  })
  void work(String name, double gigaMultiplyAdds) {
    assertEquals(gigaMultiplyAdds, Models.describe(name).flopsPerImage() / 2e9, 0.011);
  }

  @ParameterizedTest
  @CsvSource({
    "vgg16, 16, 224",
    "vgg19_bn, 19, 224",
    "resnet18, 21, 224",
    "resnet50, 54, 224",
    "inception_v3, 95, 299",
    "xception, 75, 299",
    "resnet8, 8, 32",
    "resnet110, 110, 32"
  })
  void layersAndInputSize(String name, int layers, int size) {
    assertEquals(layers, Models.describe(name).layers());
    assertEquals(size, Models.describe(name).inputSize());
  }

  @Test
  void workOfXceptionByHand() {
    // Images of 299 become 149, 147 (no padding), and by each halving 74, 37, 19 and 10.
    long sum = 149L * 149 * 32 * 27 + 147L * 147 * 64 * 9 * 32;
    sum += separable(147, 64, 128, 128) + 74L * 74 * 64 * 128;
    sum += separable(74, 128, 256, 256) + 37L * 37 * 128 * 256;
    sum += separable(37, 256, 728, 728) + 19L * 19 * 256 * 728;
    sum += 8 * separable(19, 728, 728, 728, 728);
    sum += separable(19, 728, 728, 1024) + 10L * 10 * 728 * 1024;
    sum += separable(10, 1024, 1536, 2048) + 2048 * 1000;
    assertEquals(2 * sum, Models.describe("xception").flopsPerImage());
  }

  private static long separable(long side, long... widths) {
    long sum = 0;
    for (int i = 1; i < widths.length; i++) {
      sum += side * side * (9 * widths[i - 1] + widths[i - 1] * widths[i]);
    }
    return sum;
  }

  @Test
  void workOfOneConvolutionByHand() {
    // The stem of resnet8 at 4x4: 16 pixels, 16 filters of 3x3x3; and so on through three stages.
    long stem = 16L * 16 * 27;
    long stage1 = 2 * 16L * 16 * 16 * 9;
    long stage2 = 4L * 32 * (16 + 32) * 9;
    long stage3 = 1L * 64 * (32 + 64) * 9;
    long linear = 64 * 10;
    assertEquals(
        2 * (stem + stage1 + stage2 + stage3 + linear),
        Models.describe("resnet8", 10, 4).flopsPerImage());
  }

  @Test
  void describingAllocatesNothingOnTheDevice() {
    Devices.cpu().resetPeak();
    long peak = Devices.cpu().memory().peak();
    Models.names().forEach(Models::describe);
    assertEquals(peak, Devices.cpu().memory().peak());
  }

  @Test
  void namesOfResNet18() {
    Map<String, Shape> s = shapes("resnet18");
    assertEquals(Shape.of(64, 7, 7, 3), s.get("conv1.weight"));
    assertEquals(Shape.of(64), s.get("bn1.running_mean"));
    assertEquals(Shape.of(64, 3, 3, 64), s.get("layer1.0.conv1.weight"));
    assertEquals(Shape.of(128, 1, 1, 64), s.get("layer2.0.downsample.0.weight"));
    assertEquals(Shape.of(128), s.get("layer2.0.downsample.1.running_var"));
    assertEquals(Shape.of(512, 3, 3, 512), s.get("layer4.1.conv2.weight"));
    assertEquals(Shape.of(1000, 512), s.get("fc.weight"));
    assertEquals(Shape.of(1000), s.get("fc.bias"));
    assertFalse(s.containsKey("conv1.bias"));
    assertFalse(s.containsKey("layer1.0.downsample.0.weight"));
    // torchvision's state has 122 entries, 20 of them num_batches_tracked.
    assertEquals(102, s.size());
  }

  @Test
  void namesOfResNet50() {
    Map<String, Shape> s = shapes("resnet50");
    assertEquals(Shape.of(256, 1, 1, 64), s.get("layer1.0.downsample.0.weight"));
    assertEquals(Shape.of(64, 1, 1, 256), s.get("layer1.1.conv1.weight"));
    assertEquals(Shape.of(128, 3, 3, 128), s.get("layer2.0.conv2.weight"));
    assertEquals(Shape.of(2048), s.get("layer4.2.bn3.weight"));
    assertEquals(Shape.of(1000, 2048), s.get("fc.weight"));
    assertEquals(320 - 53, s.size());
  }

  @Test
  void namesOfVgg16WithNorm() {
    Map<String, Shape> s = shapes("vgg16_bn");
    assertEquals(Shape.of(64, 3, 3, 3), s.get("features.0.weight"));
    assertEquals(Shape.of(64), s.get("features.0.bias"));
    assertEquals(Shape.of(64), s.get("features.1.running_mean"));
    assertEquals(Shape.of(512, 3, 3, 512), s.get("features.40.weight"));
    assertEquals(Shape.of(512), s.get("features.41.running_var"));
    assertEquals(Shape.of(4096, 25088), s.get("classifier.0.weight"));
    assertEquals(Shape.of(1000), s.get("classifier.6.bias"));
    assertEquals(13 * 6 + 3 * 2, s.size());
  }

  @Test
  void namesOfVgg11() {
    Map<String, Shape> s = shapes("vgg11");
    assertEquals(Shape.of(512, 3, 3, 512), s.get("features.18.weight"));
    assertEquals(8 * 2 + 3 * 2, s.size());
  }

  @Test
  void unknownName() {
    var e = assertThrows(IllegalArgumentException.class, () -> Models.build("resnet19", 10));
    assertTrue(e.getMessage().contains("resnet19") && e.getMessage().contains("resnet18"));
  }

  @Test
  void noClasses() {
    assertThrows(IllegalArgumentException.class, () -> Models.build("resnet18", 0));
  }

  private static Map<String, Shape> shapes(String name) {
    try (Module m = Models.build(name, 1000)) {
      return m.shapes();
    }
  }
}
