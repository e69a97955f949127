package dev.tilework.bench;

import java.util.concurrent.TimeUnit;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The ceiling: fused multiply-adds on registers alone. Twelve independent sums hide the latency of
 * the instruction (4 cycles, two a cycle) and leave registers for the factors at any width.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 10, time = 300, timeUnit = TimeUnit.MILLISECONDS)
public class FmaPeak {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int ROUNDS = 100_000;
  private static final int SUMS = 12;

  /** Fields, so that the compiler cannot know the values. */
  private float a = 1e-3f;

  private float b = 1e-3f;

  /** The floating-point operations that JMH's operation stands for. */
  static long flopsPerOperation() {
    return 2L * SUMS * S.length();
  }

  /** Rounds of twelve multiply-adds. */
  @Benchmark
  @OperationsPerInvocation(ROUNDS)
  public float fma() {
    FloatVector m = FloatVector.broadcast(S, a);
    FloatVector q = FloatVector.broadcast(S, b);
    FloatVector c0 = FloatVector.broadcast(S, a);
    FloatVector c1 = c0.add(m);
    FloatVector c2 = c1.add(m);
    FloatVector c3 = c2.add(m);
    FloatVector c4 = c3.add(m);
    FloatVector c5 = c4.add(m);
    FloatVector c6 = c5.add(m);
    FloatVector c7 = c6.add(m);
    FloatVector c8 = c7.add(m);
    FloatVector c9 = c8.add(m);
    FloatVector c10 = c9.add(m);
    FloatVector c11 = c10.add(m);
    for (int i = 0; i < ROUNDS; i++) {
      c0 = m.fma(q, c0);
      c1 = m.fma(q, c1);
      c2 = m.fma(q, c2);
      c3 = m.fma(q, c3);
      c4 = m.fma(q, c4);
      c5 = m.fma(q, c5);
      c6 = m.fma(q, c6);
      c7 = m.fma(q, c7);
      c8 = m.fma(q, c8);
      c9 = m.fma(q, c9);
      c10 = m.fma(q, c10);
      c11 = m.fma(q, c11);
    }
    FloatVector s0 = c0.add(c1).add(c2).add(c3).add(c4).add(c5);
    FloatVector s1 = c6.add(c7).add(c8).add(c9).add(c10).add(c11);
    return s0.add(s1).reduceLanes(VectorOperators.ADD);
  }
}
