package dev.tilework.kernels;

import dev.tilework.kernels.reference.HostTensor;
import java.util.List;
import java.util.SplittableRandom;

/** A case of an operation: its attributes, the operands' shapes, and how to make their content. */
public record Sample(Op op, Fill fill, long seed, List<TensorSpec> specs) {
  /** A sample whose operands' shapes must fit the operation. */
  public Sample {
    specs = List.copyOf(specs);
    op.outputs(specs);
  }

  /** A sample with float32 operands of the given specs. */
  public static Sample of(Op op, Fill fill, long seed, TensorSpec... specs) {
    return new Sample(op, fill, seed, List.of(specs));
  }

  /** The operands; the same at every call. */
  public List<HostTensor> inputs() {
    return Inputs.of(op, specs, fill, new SplittableRandom(seed));
  }

  @Override
  public String toString() {
    return op.name() + " " + op + " of " + specs + ", fill " + fill + ", seed " + seed;
  }
}
