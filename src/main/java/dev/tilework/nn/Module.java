package dev.tilework.nn;

import dev.tilework.Tensor;
import dev.tilework.autograd.Variable;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * A layer, or a network of layers, with named parameters. A subclass registers its parts in its
 * constructor and computes in {@link #forward}; callers use {@link #apply}.
 *
 * <p>Parameters and buffers live until {@link #close}, whatever scope is open when the module is made.
 */
public abstract class Module implements AutoCloseable {
  private static final ThreadLocal<BiConsumer<Module, Variable>> LISTENER = new ThreadLocal<>();

  private final Map<String, Variable> parameters = new LinkedHashMap<>();
  private final Map<String, Tensor> buffers = new LinkedHashMap<>();
  private final Map<String, Module> children = new LinkedHashMap<>();
  private boolean training = true;

  /** Registers a part; its parameters are named {@code name.} and their own name. */
  protected final <M extends Module> M child(String name, M module) {
    children.put(name, module);
    return module;
  }

  /** Registers a trainable tensor. */
  protected final Variable parameter(String name, Tensor value) {
    Variable v = Variable.parameter(value.unscoped());
    parameters.put(name, v);
    return v;
  }

  /** Registers a tensor that is saved with the model but not trained, such as a running mean. */
  protected final Tensor buffer(String name, Tensor value) {
    buffers.put(name, value.unscoped());
    return value;
  }

  /** Computes the result; called by {@link #apply}. */
  protected abstract Variable forward(Variable x);

  /** Computes the result for a batch. */
  public final Variable apply(Variable x) {
    Variable y = forward(x);
    BiConsumer<Module, Variable> listener = LISTENER.get();
    if (listener != null) {
      listener.accept(this, y);
    }
    return y;
  }

  /**
   * Runs code while a listener is told of the result of every module that is applied in this thread,
   * inner modules first.
   */
  public static void observe(BiConsumer<Module, Variable> listener, Runnable body) {
    BiConsumer<Module, Variable> outer = LISTENER.get();
    LISTENER.set(listener);
    try {
      body.run();
    } finally {
      LISTENER.set(outer);
    }
  }

  /** The parts by name. */
  public final Map<String, Module> children() {
    return Collections.unmodifiableMap(children);
  }

  /** This module (with the empty name) and all modules in it, by their path. */
  public final Map<String, Module> modules() {
    Map<String, Module> all = new LinkedHashMap<>();
    walk("", (path, m) -> all.put(path.isEmpty() ? "" : path.substring(0, path.length() - 1), m));
    return all;
  }

  /** All parameters, frozen ones included, by their path, as in {@code layer1.0.conv1.weight}. */
  public final Map<String, Variable> parameters() {
    Map<String, Variable> all = new LinkedHashMap<>();
    walk("", (path, m) -> m.parameters.forEach((name, v) -> all.put(path + name, v)));
    return all;
  }

  /** All parameters and buffers by their path: what is saved of a model. */
  public final Map<String, Tensor> state() {
    Map<String, Tensor> all = new LinkedHashMap<>();
    walk(
        "",
        (path, m) -> {
          m.parameters.forEach((name, v) -> all.put(path + name, v.value()));
          m.buffers.forEach((name, t) -> all.put(path + name, t));
        });
    return all;
  }

  private void walk(String path, BiConsumer<String, Module> visit) {
    visit.accept(path, this);
    children.forEach((name, m) -> m.walk(path + name + ".", visit));
  }

  /** The number of trained numbers. */
  public final long parameterCount() {
    return parameters().values().stream().mapToLong(v -> v.value().elements()).sum();
  }

  /** Switches between training (batch statistics, dropout) and inference. */
  public final void train(boolean on) {
    walk("", (path, m) -> m.training = on);
  }

  /** Whether this module is in training mode. */
  public final boolean isTraining() {
    return training;
  }

  /** Excludes all parameters from training. */
  public final void freeze() {
    parameters().values().forEach(v -> v.requiresGrad(false));
  }

  /** Includes all parameters in training. */
  public final void unfreeze() {
    parameters().values().forEach(v -> v.requiresGrad(true));
  }

  /** Frees all gathered gradients. */
  public final void zeroGrad() {
    parameters().values().forEach(Variable::zeroGrad);
  }

  /**
   * Sets where the random numbers of this module's dropout layers come from: the seed of the run and
   * the number of the step, so that a resumed run draws what the first one would have.
   */
  public final void randomness(long seed, long step) {
    int[] index = {0};
    walk("", (path, m) -> m.onRandomness(seed, (step << 16) + index[0]++));
  }

  /** Told by {@link #randomness} the seed and a stream of its own. */
  protected void onRandomness(long seed, long stream) {}

  /** Frees parameters, gradients and buffers. */
  @Override
  public void close() {
    zeroGrad();
    state().values().forEach(Tensor::close);
  }
}
