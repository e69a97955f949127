package dev.tilework.serve;

import dev.tilework.Device;
import dev.tilework.Scope;
import dev.tilework.Tensor;
import dev.tilework.autograd.NoGrad;
import dev.tilework.autograd.Variable;
import dev.tilework.data.ImageSize;
import dev.tilework.nn.Module;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Inference for many threads on one device: each asks for its own images, and what is asked for at
 * about the same time goes through the network as one batch.
 *
 * <pre>{@code
 * try (Predictor predictor = new Predictor(network.fuse(), PredictorOptions.DEFAULT)) {
 *   float[] logits = predictor.predict(pixels, ImageSize.square(224)); // from any thread
 * }
 * }</pre>
 *
 * <p>An image is its numbers in the order rows, columns, channels, normalised as in training
 * ({@link dev.tilework.data.Normalization#apply} makes them of bytes); the array must not be
 * changed until its result is there. Images of different sizes may be mixed, where the network
 * takes them; only those of one size share a batch. A request that fails does so alone: where a
 * batch cannot be computed, its images are tried one by one.
 *
 * <p>A predictor has one thread, which alone uses the network, and lives until {@link #close}.
 */
public final class Predictor implements AutoCloseable {
  private final Module network;
  private final Device device;
  private final PredictorOptions options;
  private final RequestQueue queue;
  private final Thread worker;
  private final AtomicLong images = new AtomicLong();
  private final AtomicLong batches = new AtomicLong();

  /**
   * What was computed so far, without failures.
   *
   * @param images results
   * @param batches passes through the network
   */
  public record Statistics(long images, long batches) {}

  /**
   * Starts.
   *
   * @param network with its values made; the predictor switches it to inference, uses it alone and
   *     closes it. {@link Module#fuse} makes a faster one of it
   */
  public Predictor(Module network, PredictorOptions options) {
    this.device =
        network.state().values().stream()
            .map(Tensor::device)
            .findFirst()
            .orElseThrow(
                () -> new IllegalArgumentException("predictor: the network has no parameters"));
    network.train(false);
    this.network = network;
    this.options = options;
    queue = new RequestQueue(options);
    worker = Thread.ofPlatform().name("tilework-predictor").daemon().unstarted(this::work);
    worker.start();
  }

  /**
   * Starts with a model that came as bytes, fused.
   *
   * @throws IOException when the weights do not fit the model that they name
   */
  public static Predictor of(SerializedModel model, Device device, PredictorOptions options)
      throws IOException {
    try (Module network = model.load(device)) {
      return new Predictor(network.fuse(), options);
    }
  }

  /**
   * The network's result for an image, such as its logits.
   *
   * @param image rows * columns * channels numbers
   * @throws IllegalArgumentException when there are more or fewer, or the network cannot take
   *     images of this size
   * @throws IllegalStateException when the predictor was closed before, or by the predictor's own
   *     thread, as in what a future of {@link #submit} runs
   * @throws CancellationException when the thread is interrupted while it waits
   */
  public float[] predict(float[] image, ImageSize size) {
    requireOtherThread();
    return Request.await(submit(image, size));
  }

  /**
   * What a future's dependents do runs in the predictor's own thread, which cannot wait for itself.
   */
  private void requireOtherThread() {
    if (Thread.currentThread() == worker) {
      throw new IllegalStateException(
          "predict: called by what a future of this predictor runs, in the predictor's own thread;"
              + " use submit there, or the future's methods that end in Async");
    }
  }

  /** The results for several images of one size, in their order; else as for one. */
  public List<float[]> predict(List<float[]> images, ImageSize size) {
    requireOtherThread();
    images.forEach(i -> check(i, size));
    List<CompletableFuture<float[]>> results = new ArrayList<>();
    try {
      for (float[] image : images) {
        results.add(submit(image, size));
      }
      return results.stream().map(Request::await).toList();
    } catch (RuntimeException | Error e) {
      results.forEach(r -> r.cancel(false));
      throw e;
    }
  }

  /**
   * Asks for an image's result and does not wait for it, unless {@link PredictorOptions#maxPending}
   * images wait already. What is wrong with the arguments is thrown at once; what fails later is
   * the future's. A future that is cancelled before its turn is left out.
   *
   * @throws IllegalArgumentException when the numbers are not as many as the size says
   * @throws IllegalStateException when the predictor was closed
   * @throws CancellationException when the thread is interrupted while it waits for room
   */
  public CompletableFuture<float[]> submit(float[] image, ImageSize size) {
    check(image, size);
    Request r = new Request(image, size, System.nanoTime(), new CompletableFuture<>());
    try {
      queue.put(r, Thread.currentThread() != worker);
    } catch (InterruptedException e) {
      throw Request.interrupted();
    }
    return r.result();
  }

  private static void check(float[] image, ImageSize size) {
    if (image.length != size.bytes()) {
      throw new IllegalArgumentException(
          "predict: got " + image.length + " numbers, expected " + size.bytes() + " for " + size);
    }
  }

  /** What was computed so far. */
  public Statistics statistics() {
    return new Statistics(images.get(), batches.get());
  }

  private void work() {
    try (network;
        NoGrad _ = NoGrad.open()) {
      for (List<Request> batch = queue.take(); batch != null; batch = queue.take()) {
        serve(batch.stream().filter(r -> !r.result().isDone()).toList());
      }
    } catch (Throwable e) {
      // Nothing of a request comes here; whatever it is, nobody must wait for a thread that is
      // gone.
      queue.fail(e);
      throw e;
    }
  }

  private void serve(List<Request> batch) {
    if (batch.isEmpty()) {
      return;
    }
    List<float[]> results;
    try {
      results = compute(batch);
    } catch (Throwable e) {
      if (batch.size() == 1) {
        batch.getFirst().result().completeExceptionally(e);
      } else {
        batch.forEach(r -> serve(List.of(r)));
      }
      return;
    }
    images.addAndGet(batch.size());
    batches.incrementAndGet();
    for (int i = 0; i < results.size(); i++) {
      batch.get(i).result().complete(results.get(i));
    }
  }

  private List<float[]> compute(List<Request> batch) {
    ImageSize size = batch.getFirst().size();
    int n = batch.size();
    float[] all = new float[Math.multiplyExact(n, size.bytes())];
    for (int i = 0; i < n; i++) {
      System.arraycopy(batch.get(i).image(), 0, all, i * size.bytes(), size.bytes());
    }
    try (Scope _ = Scope.open()) {
      Tensor x = Tensor.of(device, all, n, size.height(), size.width(), size.channels());
      Variable y = network.apply(Variable.of(x));
      if (y.shape().rank() < 1 || y.shape().dim(0) != n) {
        throw new IllegalStateException(
            "predict: the network gives " + y.shape() + " for " + n + " images, expected as many");
      }
      float[] values = (options.probabilities() ? y.softmax() : y).value().toArray();
      int row = values.length / n;
      List<float[]> rows = new ArrayList<>();
      for (int i = 0; i < n; i++) {
        rows.add(Arrays.copyOfRange(values, i * row, (i + 1) * row));
      }
      return rows;
    }
  }

  /**
   * Takes no more requests, finishes those that were accepted, and closes the network. Who waits
   * for room gets an {@link IllegalStateException}. A second call waits for the first; one in the
   * predictor's own thread does not wait.
   */
  @Override
  public void close() {
    queue.close();
    boolean interrupted = false;
    // What a future's dependents do runs in the predictor's own thread, which cannot wait for
    // itself.
    while (worker.isAlive() && Thread.currentThread() != worker) {
      try {
        worker.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
