package dev.tilework.kernels;

import static dev.tilework.kernels.Check.bad;
import static dev.tilework.kernels.Check.count;
import static dev.tilework.kernels.Check.floats;

import dev.tilework.DType;
import java.util.List;
import java.util.Locale;

/** Arithmetic on each element, with broadcasting. */
public sealed interface ElementwiseOp extends Op {
  /**
   * {@code a + b} and its kin. Operands: a; b, which broadcast ({@link
   * dev.tilework.Shape#broadcast}). Result: of the common shape. It may be written over an operand
   * of that shape.
   */
  record Binary(Kind kind) implements ElementwiseOp {
    /** The operators. */
    public enum Kind {
      /** a + b. */
      ADD,
      /** a - b. */
      SUBTRACT,
      /** a * b. */
      MULTIPLY,
      /** a / b. */
      DIVIDE
    }

    @Override
    public String name() {
      return kind.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public List<TensorSpec> outputs(List<TensorSpec> in) {
      floats(2, this, in, "a, b");
      try {
        return List.of(TensorSpec.f32(in.get(0).shape().broadcast(in.get(1).shape())));
      } catch (IllegalArgumentException e) {
        throw bad(
            this,
            in,
            "shapes that broadcast: extents aligned at the last axis equal, or one of them 1");
      }
    }

    @Override
    public boolean inPlace() {
      return true;
    }
  }

  /** {@code scale * x + shift}. Operand: x. Result: of its shape. */
  record Affine(float scale, float shift) implements ElementwiseOp {
    @Override
    public String name() {
      return "affine";
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

  /**
   * The same numbers in another type. Operand: x. Result: of its shape. From float32 to the 16-bit
   * types it rounds to nearest, ties to even; from float to integer it truncates towards 0 and
   * clamps to the type's range, NaN giving 0; from int32 to uint8 it clamps; the 16-bit types go to
   * and from every other by way of float32.
   */
  record Cast(DType to) implements ElementwiseOp {
    @Override
    public String name() {
      return "cast";
    }

    @Override
    public List<TensorSpec> outputs(List<TensorSpec> in) {
      count(1, this, in, "x");
      return List.of(new TensorSpec(in.get(0).shape(), to));
    }
  }
}
