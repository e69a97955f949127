package dev.tilework;

import java.util.ArrayList;
import java.util.List;

/**
 * A lifetime: closes every tensor made in the same thread since it was opened. Scopes nest; a
 * tensor belongs to the innermost one that is open when it is made, and {@link #keep} hands it to
 * the next outer one.
 *
 * <pre>{@code
 * try (Scope step = Scope.open()) {
 *   Tensor y = x.multiply(2).add(1);
 *   return step.keep(y);
 * }
 * }</pre>
 */
public final class Scope implements AutoCloseable {
  private static final ThreadLocal<Scope> CURRENT = new ThreadLocal<>();

  private final Scope parent;
  private final Thread owner = Thread.currentThread();
  private final List<Tensor> tensors = new ArrayList<>();
  private boolean closed;

  private Scope(Scope parent) {
    this.parent = parent;
  }

  /** Opens a scope for the current thread. */
  public static Scope open() {
    Scope s = new Scope(CURRENT.get());
    CURRENT.set(s);
    return s;
  }

  static Scope current() {
    return CURRENT.get();
  }

  /**
   * Hands a tensor of this scope, or of one inside it, to the next outer scope, or where there is
   * none to the caller, who then closes it. A tensor that outlives this scope anyway stays where it
   * is.
   *
   * @return the tensor
   */
  public Tensor keep(Tensor tensor) {
    Scope from = tensor.scope;
    if (from != null && !outlives(from)) {
      from.remove(tensor);
      if (parent != null) {
        parent.add(tensor);
      }
    }
    return tensor;
  }

  private boolean outlives(Scope other) {
    for (Scope s = parent; s != null; s = s.parent) {
      if (s == other) {
        return true;
      }
    }
    return false;
  }

  /**
   * Closes the tensors made in this scope.
   *
   * @throws IllegalStateException when it is not the innermost open scope of the current thread
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    if (Thread.currentThread() != owner || CURRENT.get() != this) {
      throw new IllegalStateException(
          "a scope must be closed in the thread that opened it, inner scopes first");
    }
    closed = true;
    if (parent == null) {
      CURRENT.remove();
    } else {
      CURRENT.set(parent);
    }
    for (Tensor t = last(); t != null; t = last()) {
      t.close();
    }
  }

  private Tensor last() {
    synchronized (tensors) {
      if (tensors.isEmpty()) {
        return null;
      }
      Tensor t = tensors.removeLast();
      t.scope = null;
      return t;
    }
  }

  void add(Tensor t) {
    synchronized (tensors) {
      t.scope = this;
      t.scopeIndex = tensors.size();
      tensors.add(t);
    }
  }

  void remove(Tensor t) {
    synchronized (tensors) {
      if (t.scope != this) {
        return; // closed by another thread at the same time
      }
      Tensor last = tensors.removeLast();
      if (last != t) {
        tensors.set(t.scopeIndex, last);
        last.scopeIndex = t.scopeIndex;
      }
      t.scope = null;
    }
  }
}
