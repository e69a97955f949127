package dev.tilework.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tilework.Device;
import dev.tilework.Scope;
import dev.tilework.Tensor;
import dev.tilework.autograd.Variable;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass(name = "{0}", allowZeroInvocations = true)
@MethodSource("dev.tilework.kernels.DeviceUnderTest#fresh")
class DropoutTest {
  @Parameter private Device device;
  private static final int N = 10_000;

  private Scope scope;
  private Variable ones;

  @BeforeEach
  void open() {
    scope = Scope.open();
    ones = Variable.of(Tensor.full(device, 1, N));
  }

  @AfterEach
  void close() {
    scope.close();
  }

  @Test
  void zerosAPartAndScalesTheRest() {
    float[] y = new Dropout(0.2f).apply(ones).value().toArray();
    int zeros = 0;
    for (float v : y) {
      assertTrue(v == 0 || Math.abs(v - 1.25f) < 1e-6f, () -> "element " + v);
      zeros += v == 0 ? 1 : 0;
    }
    // Five standard deviations of a binomial distribution.
    assertEquals(0.2 * N, zeros, 5 * Math.sqrt(N * 0.2 * 0.8));
  }

  @Test
  void inferenceChangesNothing() {
    Dropout d = new Dropout(0.5f);
    d.train(false);
    assertSame(ones, d.apply(ones));
  }

  @Test
  void sameStepSameZerosElseOthers() {
    Dropout d = new Dropout(0.5f);
    float[] first = at(d, 7, 3);
    float[] again = d.apply(ones).value().toArray();
    assertArrayEquals(first, at(d, 7, 3));
    assertFalse(Arrays.equals(first, again), "another application in the same step");
    assertFalse(Arrays.equals(first, at(d, 7, 4)), "another step");
    assertFalse(Arrays.equals(first, at(d, 8, 3)), "another seed");
  }

  @Test
  void layersOfANetworkDiffer() {
    Dropout a = new Dropout(0.5f);
    Dropout b = new Dropout(0.5f);
    Sequential net = new Sequential(a, new Sequential(b));
    net.init(device, 7);
    float[] ya = a.apply(ones).value().toArray();
    assertFalse(Arrays.equals(ya, b.apply(ones).value().toArray()));
  }

  private float[] at(Dropout d, long seed, long step) {
    d.randomness(seed, step);
    return d.apply(ones).value().toArray();
  }
}
