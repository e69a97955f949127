package dev.tilework.bench;

import dev.tilework.kernels.ConvGeometry;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A convolution of a network: a line of a list in {@code shapes/}.
 *
 * @param id the list and the name in it, as in {@code resnet50/conv1}
 * @param count how often the network has it
 */
public record Layer(
    String id,
    int c,
    int h,
    int w,
    int o,
    int kernelH,
    int kernelW,
    int stride,
    int padH,
    int padW,
    int count,
    int groups)
    implements Serializable {
  /** The lists that are timed where none is named. */
  public static final List<String> LISTS = List.of("resnet50", "vgg16");

  /** All lists there are. */
  public static final List<String> ALL_LISTS =
      List.of("resnet50", "vgg16", "inception_v3", "xception", "mobilenet_depthwise");

  /** The layers of a list. */
  public static List<Layer> list(String name) {
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

  /**
   * A line: name, channels, rows, columns, channels of the result, kernel, stride, border, count,
   * and groups where there is more than one. A kernel or border that is not square is written as
   * {@code 1x7}.
   */
  private static Layer parse(String list, String... field) {
    if (field.length != 9 && field.length != 10) {
      throw new IllegalArgumentException(
          list + ": got " + String.join(" ", field) + ", expected nine or ten fields");
    }
    int[] n = new int[field.length];
    for (int i = 1; i < n.length; i++) {
      n[i] = i == 5 || i == 7 ? 0 : Integer.parseInt(field[i]);
    }
    return new Layer(
        list + "/" + field[0],
        n[1],
        n[2],
        n[3],
        n[4],
        side(field[5], 0),
        side(field[5], 1),
        n[6],
        side(field[7], 0),
        side(field[7], 1),
        n[8],
        field.length == 10 ? n[9] : 1);
  }

  private static int side(String field, int which) {
    String[] sides = field.split("x");
    return Integer.parseInt(sides[sides.length == 1 ? 0 : which]);
  }

  /** The geometry for a batch. */
  public ConvGeometry geometry(int batch) {
    return new ConvGeometry(
        batch, h, w, c, o, kernelH, kernelW, stride, stride, padH, padW, padH, padW, 1, 1, groups);
  }

  /** The list that it is of. */
  public String list() {
    return id.substring(0, id.indexOf('/'));
  }

  /** A small one of the same kind, for tests. */
  public Layer toy(int extent, int channels) {
    boolean depthwise = groups > 1;
    int in = Math.min(c, channels);
    int out = depthwise ? in : Math.min(o, channels);
    return new Layer(
        id,
        in,
        extent,
        extent,
        out,
        kernelH,
        kernelW,
        stride,
        padH,
        padW,
        count,
        depthwise ? in : 1);
  }

  /** The shape in a few words. */
  public String summary() {
    String s =
        kernelH
            + "x"
            + kernelW
            + (stride > 1 ? "/" + stride : "")
            + (groups > 1 ? ", depthwise" : "");
    return c + " to " + o + " at " + h + ", " + s;
  }
}
