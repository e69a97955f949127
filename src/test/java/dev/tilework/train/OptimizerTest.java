package dev.tilework.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tilework.Device;
import dev.tilework.Scope;
import dev.tilework.Tensor;
import dev.tilework.autograd.Variable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Several steps against the published formulas in double precision. */
@ParameterizedClass(name = "{0}", allowZeroInvocations = true)
@MethodSource("dev.tilework.kernels.DeviceUnderTest#fresh")
class OptimizerTest {
  private static final int STEPS = 8;
  private static final int SEED = 11;

  @Parameter private Device device;

  private final Map<String, Variable> parameters = new LinkedHashMap<>();
  private final Map<String, double[]> expected = new LinkedHashMap<>();
  private final Random random = new Random(SEED);

  private void parameter(String name, int... dims) {
    int n = 1;
    for (int d : dims) {
      n *= d;
    }
    float[] values = numbers(n);
    parameters.put(name, Variable.parameter(Tensor.of(device, values, dims).unscoped()));
    double[] w = new double[n];
    for (int i = 0; i < n; i++) {
      w[i] = values[i];
    }
    expected.put(name, w);
  }

  private float[] numbers(int n) {
    float[] a = new float[n];
    for (int i = 0; i < n; i++) {
      a[i] = (float) random.nextGaussian();
    }
    return a;
  }

  @AfterEach
  void free() {
    parameters
        .values()
        .forEach(
            v -> {
              v.zeroGrad();
              v.value().close();
            });
  }

  /** One parameter's step in double precision. */
  private interface Formula {
    void step(double[] w, double[][] state, float[] gradient, double decay, int step);
  }

  private void check(
      Function<Map<String, Variable>, Optimizer> maker,
      float rate,
      double matrixDecay,
      double vectorDecay,
      Formula formula) {
    parameter("weight", 3, 1021);
    parameter("bias", 37);
    Map<String, double[][]> states = new LinkedHashMap<>();
    expected.forEach((name, w) -> states.put(name, new double[2][w.length]));
    try (Optimizer o = maker.apply(parameters)) {
      for (int step = 1; step <= STEPS; step++) {
        Map<String, float[]> gradients = new LinkedHashMap<>();
        parameters.forEach((name, v) -> gradients.put(name, numbers((int) v.value().elements())));
        backward(gradients);
        o.step(rate);
        for (String name : parameters.keySet()) {
          double decay = name.equals("weight") ? matrixDecay : vectorDecay;
          formula.step(expected.get(name), states.get(name), gradients.get(name), decay, step);
        }
      }
      assertEquals(STEPS, o.steps());
    }
    expected.forEach(
        (name, w) -> {
          float[] actual = parameters.get(name).value().toArray();
          for (int i = 0; i < w.length; i++) {
            double tolerance = 3e-6 * Math.max(1, Math.abs(w[i]));
            assertEquals(w[i], actual[i], tolerance, name + "[" + i + "], seed " + SEED);
          }
        });
  }

  /** Gives each parameter this gradient: that of the sum of their products. */
  private void backward(Map<String, float[]> gradients) {
    try (Scope _ = Scope.open()) {
      gradients.forEach(
          (name, g) -> {
            Variable v = parameters.get(name);
            v.zeroGrad();
            v.multiply(Variable.of(Tensor.of(device, g, v.shape().dims()))).sum().backward();
          });
    }
  }

  private static Formula sgd(double rate, double momentum, boolean nesterov) {
    return (w, s, g, decay, step) -> {
      for (int i = 0; i < w.length; i++) {
        double d = g[i] + decay * w[i];
        s[0][i] = momentum * s[0][i] + d;
        w[i] -= rate * (nesterov ? d + momentum * s[0][i] : s[0][i]);
      }
    };
  }

  @Test
  void plainDescent() {
    check(p -> new Sgd(p, 0, false, WeightDecay.NONE), 0.1f, 0, 0, sgd(0.1f, 0, false));
  }

  @Test
  void momentumWithDecayOfWeightsOnly() {
    check(
        p -> new Sgd(p, 0.9f, false, WeightDecay.of(0.01f)),
        0.1f,
        0.01f,
        0,
        sgd(0.1f, 0.9f, false));
  }

  @Test
  void nesterovWithDecayEverywhere() {
    check(
        p -> new Sgd(p, 0.9f, true, new WeightDecay(0.01f, true)),
        0.1f,
        0.01f,
        0.01f,
        sgd(0.1f, 0.9f, true));
  }

  private static Formula adam(double rate, boolean decoupled) {
    double beta1 = 0.9f;
    double beta2 = 0.999f;
    return (w, s, g, decay, step) -> {
      for (int i = 0; i < w.length; i++) {
        double d = g[i] + (decoupled ? 0 : decay * w[i]);
        s[0][i] = beta1 * s[0][i] + (1 - beta1) * d;
        s[1][i] = beta2 * s[1][i] + (1 - beta2) * d * d;
        double m = s[0][i] / (1 - Math.pow(beta1, step));
        double v = s[1][i] / (1 - Math.pow(beta2, step));
        w[i] -= decoupled ? rate * decay * w[i] : 0;
        w[i] -= rate * m / (Math.sqrt(v) + 1e-8f);
      }
    };
  }

  @Test
  void adamWithDecay() {
    check(
        p -> new Adam(p, 0.9f, 0.999f, 1e-8f, false, WeightDecay.of(0.1f)),
        0.01f,
        0.1f,
        0,
        adam(0.01f, false));
  }

  @Test
  void adamWithDecoupledDecay() {
    check(p -> Adam.adamW(p, new WeightDecay(0.1f, true)), 0.01f, 0.1f, 0.1f, adam(0.01f, true));
  }

  @Test
  void frozenParametersAndThoseWithoutGradientStay() {
    parameter("a", 4, 4);
    parameter("b", 4, 4);
    parameter("c", 4, 4);
    try (Optimizer o = Adam.adam(parameters)) {
      backward(Map.of("a", numbers(16), "b", numbers(16)));
      parameters.get("b").requiresGrad(false);
      Map<String, float[]> before = new LinkedHashMap<>();
      parameters.forEach((name, v) -> before.put(name, v.value().toArray()));
      o.step(0.1f);
      assertTrue(before.get("a")[0] != parameters.get("a").value().toArray()[0]);
      assertArrayEquals(before.get("b"), parameters.get("b").value().toArray());
      assertArrayEquals(before.get("c"), parameters.get("c").value().toArray());
    }
  }

  @Test
  void groupsLearnAtRatesOfTheirOwn() {
    parameter("a", 4, 4);
    parameter("b", 4, 4);
    Map<String, float[]> before = new LinkedHashMap<>();
    parameters.forEach((name, v) -> before.put(name, v.value().toArray()));
    float[] gradient = numbers(16);
    List<ParameterGroup> groups =
        List.of(
            ParameterGroup.of(Map.of("a", parameters.get("a")), WeightDecay.NONE),
            new ParameterGroup(
                Map.of("b", parameters.get("b")), 0.25f, new WeightDecay(0.5f, true)));
    try (Optimizer o = new Sgd(groups, 0, false)) {
      backward(Map.of("a", gradient, "b", gradient));
      o.step(0.1f);
      for (int i = 0; i < 16; i++) {
        float a = before.get("a")[i] - 0.1f * gradient[i];
        float b = before.get("b")[i] - 0.025f * (gradient[i] + 0.5f * before.get("b")[i]);
        assertEquals(a, parameters.get("a").value().toArray()[i], 1e-6);
        assertEquals(b, parameters.get("b").value().toArray()[i], 1e-6);
      }
      assertTrue(o.toString().contains("0.25 of the rate for 1 from b"), o.toString());
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> new Sgd(List.of(groups.get(0), groups.get(0)), 0, false));
    assertThrows(
        IllegalArgumentException.class, () -> new ParameterGroup(Map.of(), 0, WeightDecay.NONE));
  }

  @Test
  void stateOutlivesScopesAndIsFreedOnClose() {
    parameter("a", 64, 64);
    long before = device.memory().live();
    Optimizer o;
    try (Scope _ = Scope.open()) {
      o = Adam.adam(parameters);
    }
    assertEquals(List.of("mean.a", "square.a"), List.copyOf(o.state().keySet()));
    assertTrue(device.memory().live() >= before + 2 * 64 * 64 * 4);
    assertEquals(0, o.state().get("mean.a").toArray()[0]);
    o.close();
    assertEquals(before, device.memory().live());
  }

  @Test
  void clippingScalesTheCommonNorm() {
    parameter("a", 2, 3);
    parameter("b", 5);
    float[] a = numbers(6);
    float[] b = numbers(5);
    backward(Map.of("a", a, "b", b));
    double norm = 0;
    for (float[] g : List.of(a, b)) {
      for (float v : g) {
        norm += (double) v * v;
      }
    }
    norm = Math.sqrt(norm);
    float loose = (float) (2 * norm);
    assertEquals(norm, GradientClipping.byNorm(parameters.values(), loose), 1e-5 * norm);
    assertArrayEquals(a, parameters.get("a").grad().toArray());
    float tight = (float) (norm / 4);
    assertEquals(norm, GradientClipping.byNorm(parameters.values(), tight), 1e-5 * norm);
    for (int i = 0; i < 5; i++) {
      assertEquals(b[i] / 4, parameters.get("b").grad().toArray()[i], 1e-6);
    }
    assertEquals(tight, GradientClipping.byNorm(parameters.values(), loose), 1e-5 * norm);
    backward(Map.of("a", new float[] {1, 2, Float.POSITIVE_INFINITY, 4, 5, 6}));
    assertEquals(Float.POSITIVE_INFINITY, GradientClipping.byNorm(parameters.values(), 1));
    assertEquals(1, parameters.get("a").grad().toArray()[0], "left as it is");
    parameters.values().forEach(Variable::zeroGrad);
    assertEquals(0, GradientClipping.byNorm(parameters.values(), 1));
  }

  @Test
  void wrongNumbersAreErrors() {
    WeightDecay none = WeightDecay.NONE;
    assertThrows(IllegalArgumentException.class, () -> new Sgd(parameters, 1, false, none));
    assertThrows(IllegalArgumentException.class, () -> new Sgd(parameters, 0, true, none));
    assertThrows(
        IllegalArgumentException.class, () -> new Adam(parameters, 0.9f, 1, 1e-8f, true, none));
    assertThrows(IllegalArgumentException.class, () -> WeightDecay.of(-1));
    assertThrows(IllegalArgumentException.class, () -> GradientClipping.byNorm(List.of(), 0));
  }
}
