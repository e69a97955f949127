package dev.tilework.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.aparapi.Kernel;
import dev.tilework.Device;
import dev.tilework.Devices;
import dev.tilework.Scope;
import dev.tilework.Tensor;
import dev.tilework.autograd.Variable;
import dev.tilework.kernels.DeviceUnderTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The example of docs/own-kernels.md works: kernels in Java among the library's own. */
class OwnKernelTest {
  private static final double TOLERANCE = 1e-5;

  private static void assumeOpenCl() {
    Devices.Report r =
        Devices.reports().stream().filter(d -> d.kind().equals("opencl")).findFirst().orElseThrow();
    Assumptions.assumeFalse(r.devices().isEmpty(), "no OpenCL: " + r.explanation());
  }

  private static double mish(double x) {
    return x * Math.tanh(Math.log1p(Math.exp(x)));
  }

  /** By central differences. */
  private static double slope(double x) {
    double step = 1e-5;
    return (mish(x + step) - mish(x - step)) / (2 * step);
  }

  @TestFactory
  Stream<DynamicNode> mishOnTensorsOfEveryDevice() {
    return DeviceUnderTest.each(
        d ->
            Stream.of(
                dynamicTest(d.name() + " values and gradients", () -> element(d)),
                dynamicTest(d.name() + " between other layers", () -> between(d))));
  }

  private static void element(Device device) {
    assumeOpenCl();
    try (Mish mish = new Mish();
        Scope scope = Scope.open()) {
      // Kernels are used again, for more numbers and for fewer.
      for (int n : new int[] {7, 1021, 1, 64}) {
        float[] values = new float[n];
        float[] dy = new float[n];
        for (int i = 0; i < n; i++) {
          values[i] = (float) (30.0 * (i - n / 2) / n);
          dy[i] = i % 3 - 1.5f;
        }
        Variable x = Variable.parameter(Tensor.of(device, values, n, 1));
        Variable y = Variable.apply(mish, x);
        y.backward(Tensor.of(device, dy, n, 1));
        float[] got = y.value().toArray();
        float[] dx = x.grad().toArray();
        for (int i = 0; i < n; i++) {
          assertEquals(mish(values[i]), got[i], TOLERANCE, "mish of " + values[i]);
          assertEquals(dy[i] * slope(values[i]), dx[i], TOLERANCE, "slope at " + values[i]);
        }
        x.zeroGrad();
      }
    }
  }

  /** The sum of mish(x W^T): its gradient to W is known. */
  private static void between(Device device) {
    assumeOpenCl();
    Random random = new Random(3);
    float[] x = new float[5 * 3];
    float[] w = new float[4 * 3];
    for (int i = 0; i < x.length; i++) {
      x[i] = random.nextFloat() * 2 - 1;
    }
    for (int i = 0; i < w.length; i++) {
      w[i] = random.nextFloat() * 4 - 2;
    }
    try (Mish mish = new Mish();
        Scope scope = Scope.open()) {
      Variable weight = Variable.parameter(Tensor.of(device, w, 4, 3));
      Variable product = Variable.of(Tensor.of(device, x, 5, 3)).linear(weight);
      Variable.apply(mish, product).sum().backward();
      float[] gradient = weight.grad().toArray();
      for (int o = 0; o < 4; o++) {
        for (int k = 0; k < 3; k++) {
          double expected = 0;
          for (int r = 0; r < 5; r++) {
            double z = 0;
            for (int i = 0; i < 3; i++) {
              z += (double) x[3 * r + i] * w[3 * o + i];
            }
            expected += slope(z) * x[3 * r + k];
          }
          assertEquals(expected, gradient[3 * o + k], TOLERANCE);
        }
      }
      weight.zeroGrad();
    }
  }

  /** Aparapi knows no objects but the kernel. */
  private static final class Untranslatable extends Kernel {
    float[] x = new float[64];

    @Override
    public void run() {
      x[getGlobalId()] = new Random(1).nextFloat();
    }
  }

  @Test
  void whatAparapiCannotTranslateIsRefused() {
    assumeOpenCl();
    Kernel kernel = new Untranslatable();
    String message =
        assertThrows(IllegalStateException.class, () -> OnOpenCl.run(kernel, 64)).getMessage();
    assertTrue(message.contains("Untranslatable"), message);
    kernel.dispose();
  }

  @Test
  void theDocumentShowsThisCode() throws IOException {
    Path folder = Path.of("src/test/java/dev/tilework/docs");
    StringBuilder code = new StringBuilder();
    for (String file : List.of("MishKernel", "MishGradientKernel", "OnOpenCl", "Mish")) {
      code.append(Files.readString(folder.resolve(file + ".java")));
    }
    Matcher blocks =
        Pattern.compile("(?s)```java\n(.*?)```")
            .matcher(Files.readString(Path.of("docs/own-kernels.md")));
    int found = 0;
    while (blocks.find()) {
      assertTrue(code.indexOf(blocks.group(1)) >= 0, "not in the example:\n" + blocks.group(1));
      found++;
    }
    assertTrue(found >= 3, "Java in docs/own-kernels.md");
  }
}
