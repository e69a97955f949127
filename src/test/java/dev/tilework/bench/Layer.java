package dev.tilework.bench;

import dev.tilework.kernels.ConvGeometry;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A convolution of a network: a line of a list in {@code shapes/}.
 *
 * @param id the list and the name in it, as in {@code resnet50/conv1}
 * @param count how often the network has it
 */
record Layer(String id, int c, int h, int w, int o, int kernel, int stride, int pad, int count) {
  /** The lists there are. */
  static final List<String> LISTS = List.of("resnet50", "vgg16");

  /** The layers of a list. */
  static List<Layer> list(String name) {
    String file = "/shapes/" + name + ".txt";
    try (InputStream in = Layer.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalArgumentException("there is no list " + file);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(l -> !l.isBlank() && !l.startsWith("#"))
          .map(l -> parse(name, l.trim().split("\\s+")))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The layer of an id. */
  static Layer of(String id) {
    return list(id.substring(0, id.indexOf('/'))).stream()
        .filter(l -> l.id.equals(id))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("there is no layer " + id));
  }

  private static Layer parse(String list, String... field) {
    if (field.length != 9) {
      throw new IllegalArgumentException(
          list + ": got " + String.join(" ", field) + ", expected nine fields");
    }
    int[] n = new int[field.length];
    for (int i = 1; i < n.length; i++) {
      n[i] = Integer.parseInt(field[i]);
    }
    return new Layer(list + "/" + field[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7], n[8]);
  }

  /** The geometry for a batch. */
  ConvGeometry geometry(int batch) {
    return new ConvGeometry(
        batch, h, w, c, o, kernel, kernel, stride, stride, pad, pad, pad, pad, 1, 1, 1);
  }

  /** The shape in a few words. */
  String summary() {
    String s = kernel + "x" + kernel + (stride > 1 ? "/" + stride : "");
    return c + " to " + o + " at " + h + ", " + s;
  }
}
