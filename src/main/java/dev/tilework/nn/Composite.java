package dev.tilework.nn;

import dev.tilework.autograd.Variable;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/**
 * A network or block that is put together from other modules, under names of its own choice. The
 * constructor names the parts by {@link #child} and says by {@link #compose} how they follow one
 * another, in terms of {@link Sequential}, {@link Residual} and {@link Branches}; the parts inside
 * of these go by the names given here, not by theirs. What is said once serves both to compute and
 * to {@link #fuse}.
 *
 * <pre>{@code
 * final class ConvNorm extends Composite {
 *   ConvNorm(int in, int out) {
 *     Conv2d conv = child("conv", new Conv2d(in, out, 3).padding(1).withoutBias());
 *     BatchNorm2d bn = child("bn", new BatchNorm2d(out));
 *     compose(new Sequential(conv, bn, new Relu()));
 *   }
 * }
 * }</pre>
 */
public abstract class Composite extends Module {
  private Module whole;

  /**
   * Says what this module computes; the last call of a constructor. Every module in it that has
   * parameters must be a {@link #child}, or be within one.
   *
   * @throws IllegalStateException when it was said already
   * @throws IllegalArgumentException when a module with parameters is no part of this one
   */
  protected final void compose(Module composition) {
    if (whole != null) {
      throw new IllegalStateException(getClass().getSimpleName() + ": it is composed already");
    }
    Set<Module> parts = Collections.newSetFromMap(new IdentityHashMap<>());
    parts.addAll(modules().values());
    composition
        .modules()
        .forEach(
            (path, m) -> {
              if (m.hasValues() && !parts.contains(m)) {
                throw new IllegalArgumentException(
                    getClass().getSimpleName()
                        + ": '"
                        + path
                        + "' ("
                        + m
                        + ") of its composition has parameters but is no child of it");
              }
            });
    whole = composition;
  }

  /** What this module computes, of its own parts. */
  final Module composition() {
    if (whole == null) {
      throw new IllegalStateException(
          getClass().getSimpleName() + ": its constructor did not call compose(...)");
    }
    return whole;
  }

  @Override
  protected final Variable forward(Variable x) {
    return composition().forward(x);
  }
}
