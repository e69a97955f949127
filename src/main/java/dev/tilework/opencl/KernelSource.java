package dev.tilework.opencl;

import dev.tilework.kernels.Activation;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The text of the one program that holds all kernels. Aparapi gives each program a context of its
 * own, and buffers belong to a context, so there can be only one; and it takes no build options, so
 * the tuning parameters and the numbers of Java's enums stand as {@code #define}s before the text.
 */
final class KernelSource {
  /** The files of {@code kernels/opencl}, in an order in which each finds what it uses. */
  static final List<String> FILES =
      List.of(
          "common.cl",
          "loops.cl",
          "activation.cl",
          "epilogue.cl",
          "gather.cl",
          "random.cl",
          "elementwise.cl",
          "layout.cl",
          "columns.cl",
          "reduce.cl",
          "maximum.cl",
          "softmax.cl",
          "loss.cl",
          "norm.cl",
          "norm_grad.cl",
          "optimizer.cl",
          "pool.cl",
          "warp.cl",
          "matmul.cl",
          "matmul_local.cl",
          "conv.cl",
          "conv_local.cl",
          "winograd.cl",
          "depthwise.cl",
          "depthwise_weights.cl");

  private KernelSource() {}

  static String text(Profile profile, Tuning tuning) {
    StringBuilder s = new StringBuilder();
    s.append("#define PROFILE_").append(profile).append(" 1\n").append(tuning.defines());
    for (Activation.Kind kind : Activation.Kind.values()) {
      s.append("#define ACTIVATION_" + kind + " " + kind.ordinal() + "\n");
    }
    for (String file : FILES) {
      // Messages of the compiler then name the file and its line.
      s.append("#line 1 \"").append(file).append("\"\n").append(read(file)).append('\n');
    }
    return s.toString();
  }

  private static String read(String file) {
    try (InputStream in = KernelSource.class.getResourceAsStream("/kernels/opencl/" + file)) {
      if (in == null) {
        throw new IllegalStateException("the jar lacks kernels/opencl/" + file);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
