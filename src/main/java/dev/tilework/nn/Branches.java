package dev.tilework.nn;

import dev.tilework.autograd.Variable;
import java.util.List;

/**
 * Modules side by side, named "0", "1" and so on: each is given the same images (n, h, w, c), and
 * the channels of their results (n, outH, outW, ...) stand one after another in the order of the
 * branches. Source: Szegedy et al., "Going Deeper with Convolutions", 2015, section 4.
 */
public final class Branches extends Module {
  private final List<Module> branches;

  /** At least one branch. */
  public Branches(Module... branches) {
    this(List.of(branches));
  }

  /** At least one branch. */
  public Branches(List<? extends Module> branches) {
    if (branches.isEmpty()) {
      throw new IllegalArgumentException("Branches: got none, expected at least one module");
    }
    this.branches = List.copyOf(branches);
    for (int i = 0; i < this.branches.size(); i++) {
      child(Integer.toString(i), this.branches.get(i));
    }
  }

  List<Module> branches() {
    return branches;
  }

  @Override
  protected Variable forward(Variable x) {
    return Variable.concat(-1, branches.stream().map(b -> b.apply(x)).toArray(Variable[]::new));
  }
}
