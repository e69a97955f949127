package dev.tilework.autograd;

import dev.tilework.Device;
import dev.tilework.Scope;
import dev.tilework.Shape;
import dev.tilework.Tensor;
import dev.tilework.TestDevices;
import dev.tilework.kernels.reference.ReferenceDriver;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A differentiable program and the shapes of its parameters. Its gradients on a device are compared
 * with central differences of the program in double precision.
 */
record GradientCase(String name, Program program, List<Shape> shapes) {
  /** The step; parameters are multiples of it, so that neither they nor their neighbours round. */
  private static final double STEP = 0x1p-11;

  /** The differences' error is of the order of STEP squared; the rest is float32 rounding. */
  private static final double TOLERANCE = 1e-4;

  private static final Device PRECISE = TestDevices.of(new ReferenceDriver("precise"));

  /** Computes a result from parameters, on their device. */
  interface Program {
    Variable apply(Variable... parameters);
  }

  static GradientCase of(String name, Program program, int[]... dims) {
    List<Shape> shapes = new ArrayList<>();
    for (int[] d : dims) {
      shapes.add(Shape.of(d));
    }
    return new GradientCase(name, program, shapes);
  }

  /** Throws an error that says where the device's gradient is not the program's slope. */
  void check(Device device) {
    List<float[]> parameters = parameters();
    double[] weights = weights(parameters);
    List<float[]> gradients = gradients(device, parameters, weights);
    for (int p = 0; p < parameters.size(); p++) {
      for (int i = 0; i < parameters.get(p).length; i++) {
        double slope = slope(parameters, weights, p, i);
        double got = gradients.get(p)[i];
        if (!(Math.abs(got - slope) <= TOLERANCE * Math.max(1, Math.abs(slope)))) {
          throw new AssertionError(
              name
                  + ": gradient to element "
                  + i
                  + " of parameter "
                  + p
                  + " "
                  + shapes.get(p)
                  + " on "
                  + device
                  + " is "
                  + got
                  + ", the slope is "
                  + slope);
        }
      }
    }
  }

  /** Distinct numbers within 2 and away from 0, where some functions have no slope. */
  private List<float[]> parameters() {
    Random random = new Random(name.hashCode());
    List<float[]> all = new ArrayList<>();
    for (Shape s : shapes) {
      float[] a = new float[(int) s.elements()];
      for (int i = 0; i < a.length; i++) {
        int k = 64 + random.nextInt(1700);
        a[i] = (float) ((random.nextBoolean() ? k : -k) * 2 * STEP);
      }
      all.add(a);
    }
    return all;
  }

  /** The gradient that comes from what follows the program. */
  private double[] weights(List<float[]> parameters) {
    Random random = new Random(7);
    return random.doubles(run(parameters).length, -1, 1).map(v -> (float) v).toArray();
  }

  private Variable[] variables(Device device, List<float[]> values) {
    Variable[] v = new Variable[values.size()];
    for (int i = 0; i < v.length; i++) {
      v[i] = Variable.parameter(Tensor.of(device, values.get(i), shapes.get(i).dims()));
    }
    return v;
  }

  private double[] run(List<float[]> parameters) {
    try (Scope scope = Scope.open()) {
      return TestDevices.precise(program.apply(variables(PRECISE, parameters)).value());
    }
  }

  private double slope(List<float[]> parameters, double[] weights, int p, int i) {
    float at = parameters.get(p)[i];
    double difference = 0;
    for (int side : new int[] {1, -1}) {
      parameters.get(p)[i] = (float) (at + side * STEP);
      double[] y = run(parameters);
      for (int k = 0; k < y.length; k++) {
        difference += side * weights[k] * y[k];
      }
    }
    parameters.get(p)[i] = at;
    return difference / (2 * STEP);
  }

  private List<float[]> gradients(Device device, List<float[]> parameters, double[] weights) {
    try (Scope scope = Scope.open()) {
      Variable[] v = variables(device, parameters);
      Variable y = program.apply(v);
      float[] dy = new float[weights.length];
      for (int i = 0; i < dy.length; i++) {
        dy[i] = (float) weights[i];
      }
      y.backward(Tensor.of(device, dy, y.shape().dims()));
      List<float[]> all = new ArrayList<>();
      for (Variable p : v) {
        all.add(p.grad().toArray());
        p.zeroGrad();
      }
      return all;
    }
  }
}
