package dev.tilework.opencl;

import dev.tilework.Precision;
import dev.tilework.kernels.Buffer;
import dev.tilework.kernels.Operand;
import dev.tilework.kernels.TensorSpec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Runs workloads on a driver that was made for it, and takes their times. */
final class Trial {
  private static final int ROUNDS = 5;

  /** Enough where a run is so many seconds long. */
  private static final int FEW_ROUNDS = 3;

  private static final double LONG = 0.1;

  /** Seconds of a round, if a single run is shorter. */
  private static final double ROUND = 0.02;

  private final OpenClDriver driver;

  Trial(OpenClDriver driver) {
    this.driver = driver;
  }

  /**
   * What a workload gave.
   *
   * @param seconds of a run
   */
  record Outcome(float[] result, double seconds) {
    /** Whether another result is the same but for rounding, which an order of additions changes. */
    boolean agrees(float[] other) {
      double largest = 0;
      double difference = 0;
      for (int i = 0; i < result.length; i++) {
        // Math.max hands NaN on, and no comparison holds of it.
        difference = Math.max(difference, Math.abs(result[i] - other[i]));
        largest = Math.max(largest, Math.abs(result[i]));
      }
      return difference <= 1e-4 * largest;
    }
  }

  /** Runs a workload once for its result and then for its time, the median of some rounds. */
  Outcome run(Workload w) {
    List<Operand> operands = new ArrayList<>();
    try {
      for (TensorSpec s : w.inputs()) {
        operands.add(operand(s));
        fill(operands.getLast(), operands.size());
      }
      operands.add(operand(w.op().outputs(w.inputs()).getFirst()));
      List<Operand> in = operands.subList(0, operands.size() - 1);
      List<Operand> out = List.of(operands.getLast());
      // The first run may compile.
      seconds(w, out, in, 1);
      float[] result = read(out.getFirst());
      double once = seconds(w, out, in, 1);
      int repeats = (int) Math.clamp(ROUND / once, 1, 1000);
      double[] times = new double[once < LONG ? ROUNDS : FEW_ROUNDS];
      for (int i = 0; i < times.length; i++) {
        times[i] = seconds(w, out, in, repeats);
      }
      Arrays.sort(times);
      return new Outcome(result, times[times.length / 2]);
    } finally {
      operands.forEach(o -> driver.free(o.buffer()));
    }
  }

  private double seconds(Workload w, List<Operand> out, List<Operand> in, int repeats) {
    long start = System.nanoTime();
    for (int i = 0; i < repeats; i++) {
      driver.run(w.op(), out, in, Precision.FP32);
    }
    driver.synchronize();
    return Math.max(1, System.nanoTime() - start) / 1e9 / repeats;
  }

  private Operand operand(TensorSpec spec) {
    Buffer buffer = driver.allocate(spec.bytes());
    return new Operand(buffer, 0, spec);
  }

  private void fill(Operand o, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[(int) o.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    driver.write(o.buffer(), 0, MemorySegment.ofArray(values));
  }

  private float[] read(Operand o) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment to = arena.allocate(o.spec().bytes(), 64);
      driver.read(to, o.buffer(), 0);
      return to.toArray(ValueLayout.JAVA_FLOAT);
    }
  }
}
