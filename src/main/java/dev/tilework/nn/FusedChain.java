package dev.tilework.nn;

import dev.tilework.autograd.NoGrad;
import dev.tilework.autograd.Variable;
import dev.tilework.kernels.Activation;
import java.util.List;

/** Fused layers one after another, named "0", "1" and so on. */
final class FusedChain extends InferenceModule {
  private final List<Module> steps;

  FusedChain(List<? extends Module> steps) {
    this.steps = List.copyOf(steps);
    for (int i = 0; i < this.steps.size(); i++) {
      child(Integer.toString(i), this.steps.get(i));
    }
  }

  @Override
  protected Variable forward(Variable x) {
    return forward(x, steps.size());
  }

  private Variable forward(Variable x, int count) {
    if (x.requiresGrad() && NoGrad.isRecording()) {
      throw new IllegalStateException(
          "a network made by fuse() is for inference alone: got "
              + x.shape()
              + " that needs a gradient; train through the network it was made of, or cut the"
              + " gradient off by detach() or NoGrad");
    }
    Variable y = x;
    for (int i = 0; i < count; i++) {
      y = steps.get(i).apply(y);
    }
    return y;
  }

  /** Whether the last layer can take a sum into its own pass. */
  boolean canAdd() {
    return !steps.isEmpty() && steps.getLast() instanceof FusedConv c && c.isLinear();
  }

  /** {@code activation(chain(x) + residual)}, where {@link #canAdd}. */
  Variable addActivate(Variable x, Variable residual, Activation activation) {
    FusedConv last = (FusedConv) steps.getLast();
    return observed(last.addActivate(forward(x, steps.size() - 1), residual, activation));
  }
}
