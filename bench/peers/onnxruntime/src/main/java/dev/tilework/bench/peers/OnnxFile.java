package dev.tilework.bench.peers;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * An ONNX file in the making. Field numbers are those of {@code onnx.proto}: <a
 * href="https://github.com/onnx/onnx/blob/main/onnx/onnx.proto">onnx/onnx.proto</a>.
 */
final class OnnxFile {
  private static final int FLOAT = 1;
  private static final int INT64 = 7;
  private static final int IR_VERSION = 9;
  private static final int OPSET = 20;

  private final Proto graph = new Proto().text(2, "bench");

  /** An attribute of a node. */
  static Proto attribute(String name, long... values) {
    Proto a = new Proto().text(1, name);
    for (long v : values) {
      a.integer(8, v);
    }
    return a.integer(20, 7);
  }

  /** An attribute that is one integer. */
  static Proto number(String name, long value) {
    return new Proto().text(1, name).integer(3, value).integer(20, 2);
  }

  /** An attribute that is a real number. */
  static Proto real(String name, float value) {
    return new Proto().text(1, name).real(2, value).integer(20, 1);
  }

  OnnxFile input(String name, long... dims) {
    graph.message(11, value(name, dims));
    return this;
  }

  OnnxFile output(String name, long... dims) {
    graph.message(12, value(name, dims));
    return this;
  }

  private static Proto value(String name, long... dims) {
    Proto shape = new Proto();
    for (long d : dims) {
      shape.message(1, new Proto().integer(1, d));
    }
    Proto tensor = new Proto().integer(1, FLOAT).message(2, shape);
    return new Proto().text(1, name).message(2, new Proto().message(1, tensor));
  }

  OnnxFile weights(String name, float[] values, long... dims) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    Proto tensor = new Proto();
    for (long d : dims) {
      tensor.integer(1, d);
    }
    graph.message(5, tensor.integer(2, FLOAT).text(8, name).bytes(9, bytes.array()));
    return this;
  }

  OnnxFile integers(String name, long... values) {
    ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asLongBuffer().put(values);
    Proto tensor = new Proto().integer(1, values.length).integer(2, INT64).text(8, name);
    graph.message(5, tensor.bytes(9, bytes.array()));
    return this;
  }

  OnnxFile node(String op, String output, List<String> inputs, Proto... attributes) {
    Proto n = new Proto();
    inputs.forEach(i -> n.text(1, i));
    n.text(2, output).text(3, output).text(4, op);
    for (Proto a : attributes) {
      n.message(5, a);
    }
    graph.message(1, n);
    return this;
  }

  /** Writes the file. */
  void write(Path file) {
    Proto model =
        new Proto()
            .integer(1, IR_VERSION)
            .text(2, "tilework-bench")
            .message(7, graph)
            .message(8, new Proto().text(1, "").integer(2, OPSET));
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
      model.writeTo(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
