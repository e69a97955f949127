package dev.tilework.kernels;

import static dev.tilework.kernels.Check.count;
import static dev.tilework.kernels.Check.floats;

import dev.tilework.Shape;
import java.util.List;

/**
 * Random numbers by Philox4x32-10 (Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3",
 * 2011): element i takes word {@code i % 4} of the block with key (low, high half of seed) and
 * counter (low, high half of {@code i / 4}; low, high half of {@code stream}). A word u gives the
 * uniform number {@code ((u >>> 8) + 0.5) * 2^-24}, in (0, 1) before it is rounded to float32. So
 * every device gives the same numbers for a seed (normal ones up to rounding of the logarithm and
 * the cosine).
 */
public sealed interface RandomOp extends Op {
  /**
   * Uniform in [low, high): {@code low + (high - low) * uniform}, where rounding would reach high
   * the float below it. No operand.
   */
  record Uniform(Shape shape, float low, float high, long seed, long stream) implements RandomOp {
    @Override
    public String name() {
      return "random_uniform";
    }

    @Override
    public List<TensorSpec> outputs(List<TensorSpec> in) {
      count(0, this, in, "none");
      return List.of(TensorSpec.f32(shape));
    }
  }

  /**
   * Normal by Box and Muller: words (0, 1) of a block give elements 0 and 1 as {@code sqrt(-2 ln
   * u0)} times {@code cos(2 pi u1)} and {@code sin(2 pi u1)}, words (2, 3) give elements 2 and 3.
   * No operand.
   */
  record Normal(Shape shape, float mean, float deviation, long seed, long stream)
      implements RandomOp {
    @Override
    public String name() {
      return "random_normal";
    }

    @Override
    public List<TensorSpec> outputs(List<TensorSpec> in) {
      count(0, this, in, "none");
      return List.of(TensorSpec.f32(shape));
    }
  }

  /**
   * Each element is 0 where its uniform number is below p, else {@code x / (1 - p)}. Applied to dy
   * with the same numbers it is its own gradient. Operand: x. Result: of its shape.
   */
  record Dropout(float p, long seed, long stream) implements RandomOp {
    /** Checks the probability. */
    public Dropout {
      if (!(p >= 0 && p < 1)) {
        throw new IllegalArgumentException("dropout: probability " + p + ", expected 0 to below 1");
      }
    }

    @Override
    public String name() {
      return "dropout";
    }

    @Override
    public List<TensorSpec> outputs(List<TensorSpec> in) {
      floats(1, this, in, "x");
      return in;
    }

    @Override
    public boolean inPlace() {
      return true;
    }
  }
}
