package dev.tilework.nn;

import dev.tilework.Device;
import dev.tilework.Shape;
import dev.tilework.Tensor;
import dev.tilework.autograd.Variable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Predicate;

/**
 * A layer, or a network of layers, with named parameters. A subclass declares its parts in its
 * constructor and computes in {@link #forward}; callers use {@link #apply}.
 *
 * <p>A module is built without values: {@link #init} makes them on a device, from a seed.
 *
 * <pre>{@code
 * Module net =
 *     new Sequential(
 *         new Conv2d(3, 16, 3), new BatchNorm2d(16), new Relu(), new MaxPool2d(2),
 *         new Flatten(), new Linear(16 * 15 * 15, 10));
 * net.init(Devices.best(), 42);
 * Variable logits = net.apply(Variable.of(images)); // images (n, 32, 32, 3)
 * }</pre>
 *
 * <p>Parameters and buffers live until {@link #close}, whatever scope is open when they are made.
 */
public abstract class Module implements AutoCloseable {
  private static final ThreadLocal<BiFunction<Module, Variable, Variable>> HOOK =
      new ThreadLocal<>();
  private static final ThreadLocal<BiConsumer<Module, Variable>> INPUTS = new ThreadLocal<>();

  /** Streams of random numbers from here on are for initialisation, those below for training. */
  private static final long INIT_STREAMS = Long.MIN_VALUE;

  private final Map<String, Parameter> own = new LinkedHashMap<>();
  private final Map<String, Module> children = new LinkedHashMap<>();
  private boolean training = true;
  private boolean frozen;

  /**
   * Adds a part; its parameters are named {@code name.} and their own name.
   *
   * @throws IllegalArgumentException when the name is empty, has a dot in it or is taken
   */
  protected final <M extends Module> M child(String name, M module) {
    requireFree(name);
    children.put(name, module);
    return module;
  }

  /** Declares a trainable float32 tensor, whose values {@link #init} makes. */
  protected final Parameter parameter(String name, Init init, int... dims) {
    return declare(name, new Parameter(name, Shape.of(dims), init, true));
  }

  /** Adds a trainable float32 tensor that has values already; the module owns it from here on. */
  protected final Variable parameter(String name, Tensor value) {
    return declare(name, new Parameter(name, value, true)).variable();
  }

  /**
   * Declares a float32 tensor that is saved with the model but not trained, such as a running mean.
   */
  protected final Parameter buffer(String name, Init init, int... dims) {
    return declare(name, new Parameter(name, Shape.of(dims), init, false));
  }

  /** Adds a tensor, of any type, that is saved with the model but not trained. */
  protected final Tensor buffer(String name, Tensor value) {
    return declare(name, new Parameter(name, value, false)).value();
  }

  /** Frees a parameter and declares another one in its place. */
  final Parameter redeclare(String name, Init init, int... dims) {
    Parameter p = new Parameter(name, Shape.of(dims), init, true);
    own.put(name, p).close();
    return p;
  }

  private Parameter declare(String name, Parameter p) {
    requireFree(name);
    own.put(name, p);
    return p;
  }

  private void requireFree(String name) {
    if (name.isEmpty()
        || name.contains(".")
        || children.containsKey(name)
        || own.containsKey(name)) {
      throw new IllegalArgumentException(
          getClass().getSimpleName()
              + ": the name '"
              + name
              + "' is empty, has a dot in it or is taken");
    }
  }

  /**
   * Makes the values of all parameters and buffers that have none yet. The same seed gives the same
   * values on every device (normal ones up to rounding); each parameter draws from a stream of
   * random numbers of its own, numbered in the order of {@link #shapes}. Dropout is seeded too, as
   * by {@code randomness(seed, 0)}.
   *
   * @throws dev.tilework.kernels.OutOfDeviceMemoryException when the device has no room; then
   *     nothing is made
   */
  public final void init(Device device, long seed) {
    List<Parameter> made = new ArrayList<>();
    int[] index = {0};
    try {
      walk(
          "",
          (path, m) ->
              m.own.forEach(
                  (name, p) -> {
                    long stream = INIT_STREAMS + index[0]++;
                    if (!p.isMade()) {
                      p.make(device, seed, stream);
                      made.add(p);
                    }
                  }));
    } catch (RuntimeException | Error e) {
      made.forEach(Parameter::drop);
      throw e;
    }
    randomness(seed, 0);
  }

  /** The names and shapes of {@link #state}, known before {@link #init}. */
  public final Map<String, Shape> shapes() {
    Map<String, Shape> all = new LinkedHashMap<>();
    walk("", (path, m) -> m.own.forEach((name, p) -> all.put(path + name, p.shape())));
    return all;
  }

  /** Computes the result; called by {@link #apply}. */
  protected abstract Variable forward(Variable x);

  /** Computes the result for a batch. */
  public final Variable apply(Variable x) {
    BiConsumer<Module, Variable> listener = INPUTS.get();
    if (listener != null) {
      listener.accept(this, x);
    }
    return observed(forward(x));
  }

  /**
   * Tells the listener of {@link #observe} or {@link #intercept} of a result; for modules that
   * compute other than by {@link #apply}, which go on with what this returns.
   */
  protected final Variable observed(Variable y) {
    BiFunction<Module, Variable, Variable> hook = HOOK.get();
    return hook == null ? y : hook.apply(this, y);
  }

  /**
   * Runs code while a listener is told of the result of every module that is applied in this
   * thread, inner modules first.
   */
  public static void observe(BiConsumer<Module, Variable> listener, Runnable body) {
    intercept(
        (module, y) -> {
          listener.accept(module, y);
          return y;
        },
        body);
  }

  /**
   * As {@link #observe}, for a listener that also says what the network goes on with: the result
   * itself, or another variable of its shape, such as a {@link Variable#parameter} of its value, to
   * which then the gradient is gathered. A layer that computes a ReLU in its own pass is seen with
   * it.
   */
  public static void intercept(BiFunction<Module, Variable, Variable> listener, Runnable body) {
    BiFunction<Module, Variable, Variable> outer = HOOK.get();
    HOOK.set(
        (module, y) -> {
          Variable z = listener.apply(module, y);
          if (!z.shape().equals(y.shape())) {
            throw new IllegalArgumentException(
                "intercept: the listener gave "
                    + z.shape()
                    + " for a result "
                    + y.shape()
                    + " of "
                    + module.getClass().getSimpleName()
                    + ", expected the same shape");
          }
          return z;
        });
    try {
      body.run();
    } finally {
      HOOK.set(outer);
    }
  }

  /**
   * Runs code while a listener is told of what every module is applied to in this thread, outer
   * modules first. Layers that were computed in the pass of another one are not among them.
   */
  public static void observeInputs(BiConsumer<Module, Variable> listener, Runnable body) {
    BiConsumer<Module, Variable> outer = INPUTS.get();
    INPUTS.set(listener);
    try {
      body.run();
    } finally {
      INPUTS.set(outer);
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

  /**
   * All parameters, frozen ones included, by their path, as in {@code layer1.0.conv1.weight}.
   *
   * @throws IllegalStateException before {@link #init}
   */
  public final Map<String, Variable> parameters() {
    Map<String, Variable> all = new LinkedHashMap<>();
    walk(
        "",
        (path, m) ->
            m.own.forEach(
                (name, p) -> {
                  if (p.isTrained()) {
                    all.put(path + name, p.variable());
                  }
                }));
    return all;
  }

  /**
   * The parameters that are not frozen, by their path.
   *
   * @throws IllegalStateException before {@link #init}
   */
  public final Map<String, Variable> trainableParameters() {
    Map<String, Variable> all = parameters();
    all.values().removeIf(v -> !v.requiresGrad());
    return all;
  }

  /**
   * All parameters and buffers by their path: what is saved of a model.
   *
   * @throws IllegalStateException before {@link #init}
   */
  public final Map<String, Tensor> state() {
    Map<String, Tensor> all = new LinkedHashMap<>();
    walk("", (path, m) -> m.own.forEach((name, p) -> all.put(path + name, p.value())));
    return all;
  }

  private void walk(String path, BiConsumer<String, Module> visit) {
    visit.accept(path, this);
    children.forEach((name, m) -> m.walk(path + name + ".", visit));
  }

  /** The number of numbers in all parameters, frozen ones included; known before {@link #init}. */
  public final long parameterCount() {
    return count(Parameter::isTrained);
  }

  /**
   * The number of numbers in {@link #state}: parameters and buffers; known before {@link #init}.
   */
  public final long stateCount() {
    return count(p -> true);
  }

  private long count(Predicate<Parameter> counted) {
    long[] count = {0};
    walk(
        "",
        (path, m) ->
            m.own.values().stream().filter(counted).forEach(p -> count[0] += p.shape().elements()));
    return count[0];
  }

  /** Whether this module has parameters or buffers of its own, those of its parts apart. */
  final boolean hasValues() {
    return !own.isEmpty();
  }

  /** Whether the values of this module's own parameters were made; true where it has none. */
  final boolean isMade() {
    return own.values().stream().allMatch(Parameter::isMade);
  }

  private void requireTrainable(String path) {
    if (!isTrainable()) {
      throw new IllegalStateException(
          (path.isEmpty() ? "this network" : "'" + path.substring(0, path.length() - 1) + "'")
              + " was made by fuse() and is for inference alone; train the one it was made of and"
              + " fuse that again");
    }
  }

  /**
   * Switches between training (batch statistics, dropout) and inference.
   *
   * @throws IllegalStateException when training is asked of what {@link #fuse} made; nothing is
   *     switched then
   */
  public final void train(boolean on) {
    if (on) {
      walk("", (path, m) -> m.requireTrainable(path));
    }
    walk("", (path, m) -> m.training = on);
  }

  /** Whether this module is in training mode and not frozen. */
  public final boolean isTraining() {
    return training && !frozen && isTrainable();
  }

  /** False for what {@link #fuse} makes. */
  boolean isTrainable() {
    return true;
  }

  /**
   * A network of its own that computes what this one does in inference mode, with fewer passes over
   * memory: batch normalizations become part of the weights of the convolutions before them, and
   * biases, residuals and activations part of the convolutions' kernels. Results differ by rounding
   * alone: by less than 2e-5 of the largest for the networks of this library in FP32.
   *
   * <p>It has values of its own, on the same device, as they are now, and is closed by itself; this
   * module stays as it is. It has no parameters, and {@code train(true)} on it is an exception.
   * What is put together by {@link Sequential}, {@link Residual}, {@link Branches} and {@link
   * Composite} is looked into; other modules must have an {@link #inferenceCopy}.
   *
   * @throws IllegalStateException before {@link #init}
   * @throws UnsupportedOperationException naming a module in it that has no {@code inferenceCopy}
   */
  public final Module fuse() {
    return Fusion.of(this);
  }

  /**
   * A layer that computes what this one does in inference mode and has values of its own, if any;
   * called by {@link #fuse}. The library's layers need none but their own; a subclass that says
   * nothing cannot be fused.
   */
  protected Module inferenceCopy() {
    throw new UnsupportedOperationException(
        "fuse: "
            + getClass().getName()
            + " does not say what it is in inference; it can extend Composite, or override"
            + " inferenceCopy()");
  }

  /**
   * Excludes this module and its parts from training: their parameters get no gradients, and
   * whatever {@link #train} says they work as in inference, so that batch normalizations keep their
   * running statistics and use them. Below the lowest layer that is not frozen nothing is recorded,
   * and {@code backward} does no work there.
   *
   * @throws IllegalStateException before {@link #init}
   */
  public final void freeze() {
    setFrozen(true);
  }

  /**
   * Includes this module and its parts in training.
   *
   * @throws IllegalStateException before {@link #init}
   */
  public final void unfreeze() {
    setFrozen(false);
  }

  private void setFrozen(boolean on) {
    parameters().values().forEach(v -> v.requiresGrad(!on));
    walk("", (path, m) -> m.frozen = on);
  }

  /** Whether {@link #freeze} was said of this module last. */
  public final boolean isFrozen() {
    return frozen;
  }

  /** Frees all gathered gradients. */
  public final void zeroGrad() {
    parameters().values().forEach(Variable::zeroGrad);
  }

  /**
   * Sets where the random numbers of this module's dropout layers come from: the seed of the run
   * and the number of the step, so that a resumed run draws what the first one would have.
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
    walk("", (path, m) -> m.own.values().forEach(Parameter::close));
  }
}
