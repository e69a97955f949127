package dev.tilework.opencl;

import dev.tilework.Device;
import dev.tilework.Devices;
import dev.tilework.Scope;
import dev.tilework.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Says whether the signal handlers are as before, and division by zero throws, once OpenCL ran. */
final class SignalsProgram {
  static final String NO_OPENCL = "no OpenCL device";

  private SignalsProgram() {}

  /** Prints what changed, or "as before". */
  public static void main(String[] args) {
    long[] before = SignalHandlers.handlers();
    List<Device> devices =
        Devices.all().stream().filter(d -> d.name().startsWith("opencl")).toList();
    if (devices.isEmpty()) {
      System.out.println(NO_OPENCL);
      return;
    }
    try (Scope scope = Scope.open()) {
      Tensor t = Tensor.of(devices.getFirst(), new float[] {1, 2, 3}, 3);
      System.out.println(Arrays.toString(t.add(t).toArray()));
    }
    List<String> wrong = new ArrayList<>();
    long[] after = SignalHandlers.handlers();
    for (int i = 0; i < before.length; i++) {
      if (before[i] != after[i]) {
        wrong.add("signal " + i + " has another handler");
      }
    }
    wrong.addAll(divisions());
    System.out.println(wrong.isEmpty() ? "as before" : wrong);
  }

  /** Compiled code leaves it to the processor to find a divisor of zero. */
  private static List<String> divisions() {
    long sum = 0;
    for (int i = 0; i < 200_000; i++) {
      sum += divide(i, i % 7 + 1);
    }
    int silent = 0;
    for (int i = 0; i < 200_000; i++) {
      try {
        sum += divide(i, 0);
        silent++;
      } catch (ArithmeticException e) {
        // As it should be.
      }
    }
    return silent == 0 ? List.of() : List.of(silent + " divisions by zero gave a result, " + sum);
  }

  private static int divide(int a, int b) {
    return a / b;
  }
}
