package dev.tilework.models;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tilework.Shape;
import dev.tilework.nn.Module;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names and shapes of the models against the state dictionaries of torchvision and timm. */
class StateDictionaryTest {
  @ParameterizedTest
  @ValueSource(strings = {"vgg16", "vgg16_bn", "resnet18", "resnet50", "inception_v3", "xception"})
  void agrees(String name) throws IOException {
    assertEquals(published(name), own(name));
  }

  @Test
  void inceptionWithoutAuxiliaryClassifier() throws IOException {
    Map<String, Shape> expected = published("inception_v3");
    expected.keySet().removeIf(n -> n.startsWith("AuxLogits."));
    assertEquals(expected, own("inception_v3_no_aux"));
  }

  private static Map<String, Shape> own(String name) {
    try (Module m = Models.build(name, 1000)) {
      return new TreeMap<>(m.shapes());
    }
  }

  /** In this library's layout and without {@code num_batches_tracked}, which nothing here needs. */
  private static Map<String, Shape> published(String name) throws IOException {
    String text;
    try (InputStream in =
        StateDictionaryTest.class.getResourceAsStream("/states/" + name + ".txt")) {
      text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    return text.lines()
        .filter(l -> !l.startsWith("#"))
        .map(l -> l.split(" "))
        .filter(words -> !words[0].endsWith(".num_batches_tracked"))
        .collect(
            Collectors.toMap(
                words -> words[0], StateDictionaryTest::shape, (a, b) -> a, TreeMap::new));
  }

  private static Shape shape(String... words) {
    int[] d = Stream.of(words).skip(1).mapToInt(Integer::parseInt).toArray();
    return d.length == 4 ? Shape.of(d[0], d[2], d[3], d[1]) : Shape.of(d);
  }
}
