package dev.tilework.serve;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tilework.Device;
import dev.tilework.Scope;
import dev.tilework.Tensor;
import dev.tilework.autograd.NoGrad;
import dev.tilework.autograd.Variable;
import dev.tilework.data.ImageSize;
import dev.tilework.kernels.DeviceDriver;
import dev.tilework.models.Models;
import dev.tilework.nn.Conv2d;
import dev.tilework.nn.Flatten;
import dev.tilework.nn.Linear;
import dev.tilework.nn.Module;
import dev.tilework.nn.Sequential;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Many threads get the answers that each would get alone. */
@ParameterizedClass(name = "{0}", allowZeroInvocations = true)
@MethodSource("dev.tilework.kernels.DeviceUnderTest#fresh")
@Timeout(120)
class PredictorTest {
  private static final int SEED = 37;
  private static final int THREADS = 8;
  private static final ImageSize SMALL = ImageSize.square(12);

  /** Long enough that only full batches are taken. */
  private static final Duration LONG = Duration.ofMinutes(10);

  @Parameter private Device device;

  private final Random random = new Random(SEED);

  /** Sends nothing on before a batch is full, so that the number of batches is known. */
  @Test
  void eightThreads() throws Exception {
    int each = 6;
    List<List<float[]>> images = new ArrayList<>();
    for (int t = 0; t < THREADS; t++) {
      images.add(images(each, SMALL));
    }
    try (Module net = Models.create("resnet8", 10, device, SEED)) {
      List<List<float[]>> expected = images.stream().map(l -> alone(net, l, SMALL)).toList();
      List<Callable<List<float[]>>> tasks = new ArrayList<>();
      try (Predictor p =
          new Predictor(net.fuse(), PredictorOptions.DEFAULT.withBatches(THREADS, LONG))) {
        for (List<float[]> own : images) {
          tasks.add(() -> own.stream().map(i -> p.predict(i, SMALL)).toList());
        }
        List<List<float[]>> got = inThreads(tasks);
        for (int t = 0; t < THREADS; t++) {
          assertSame(expected.get(t), got.get(t));
        }
        assertEquals(new Predictor.Statistics(THREADS * each, each), p.statistics());
      }
    }
  }

  @Test
  void sizesAreNotMixedInABatch() throws Exception {
    ImageSize other = new ImageSize(9, 14, 3);
    List<float[]> small = images(5, SMALL);
    List<float[]> odd = images(4, other);
    try (Module net = Models.create("resnet8", 10, device, SEED)) {
      List<float[]> expectedSmall = alone(net, small, SMALL);
      List<float[]> expectedOdd = alone(net, odd, other);
      try (Predictor p =
          new Predictor(net.fuse(), PredictorOptions.DEFAULT.withBatches(3, Duration.ZERO))) {
        List<CompletableFuture<float[]>> a = new ArrayList<>();
        List<CompletableFuture<float[]>> b = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
          a.add(p.submit(small.get(i), SMALL));
          if (i < 4) {
            b.add(p.submit(odd.get(i), other));
          }
        }
        assertSame(expectedSmall, a.stream().map(CompletableFuture::join).toList());
        assertSame(expectedOdd, b.stream().map(CompletableFuture::join).toList());
        assertSame(expectedSmall, p.predict(small, SMALL));
      }
    }
  }

  /** The linear layer wants images of 12x12; others fail, those with them do not. */
  @Test
  void badShapeFailsAlone() {
    Sequential net = new Sequential(new Flatten(), new Linear(SMALL.bytes(), 4));
    net.init(device, SEED);
    List<float[]> good = images(3, SMALL);
    List<float[]> expected = alone(net, good, SMALL);
    ImageSize wrong = ImageSize.square(11);
    try (Predictor p = new Predictor(net, PredictorOptions.DEFAULT)) {
      List<CompletableFuture<float[]>> futures = new ArrayList<>();
      futures.add(p.submit(good.get(0), SMALL));
      CompletableFuture<float[]> bad = p.submit(new float[wrong.bytes()], wrong);
      futures.add(p.submit(good.get(1), SMALL));
      var e =
          assertThrows(
              IllegalArgumentException.class, () -> p.predict(new float[wrong.bytes()], wrong));
      assertTrue(e.getMessage().contains("[4, 432]"), e.getMessage());
      e = assertThrows(IllegalArgumentException.class, () -> p.submit(new float[5], SMALL));
      assertTrue(e.getMessage().contains("5") && e.getMessage().contains("432"), e.getMessage());
      futures.add(p.submit(good.get(2), SMALL));
      assertSame(expected, futures.stream().map(CompletableFuture::join).toList());
      assertInstanceOf(IllegalArgumentException.class, bad.exceptionNow());
    }
  }

  /** Refuses a batch in which some number is very large. */
  private static final class Picky extends Module {
    private final Module layer = child("layer", new Conv2d(3, 2, 3));

    @Override
    protected Variable forward(Variable x) {
      for (float v : x.value().toArray()) {
        if (v > 1e6f) {
          throw new ArithmeticException("too large: " + v);
        }
      }
      return layer.apply(x);
    }
  }

  @Test
  void oneOfABatchFailsAlone() {
    Module net = new Picky();
    net.init(device, SEED);
    List<float[]> images = images(4, SMALL);
    List<float[]> expected = alone(net, images, SMALL);
    images.get(2)[7] = 2e6f;
    try (Predictor p = new Predictor(net, PredictorOptions.DEFAULT.withBatches(4, LONG))) {
      List<CompletableFuture<float[]>> got = images.stream().map(i -> p.submit(i, SMALL)).toList();
      for (int i : new int[] {0, 1, 3}) {
        assertArrayEquals(expected.get(i), got.get(i).join(), 1e-5f);
      }
      assertThrows(Exception.class, () -> got.get(2).join());
      assertInstanceOf(ArithmeticException.class, got.get(2).exceptionNow());
      assertEquals(new Predictor.Statistics(3, 3), p.statistics());
    }
  }

  @Test
  void closeDuringUse() throws Exception {
    long before = live();
    List<float[]> images = images(THREADS, SMALL);
    Module net = Models.create("resnet8", 10, device, SEED);
    List<float[]> expected = alone(net, images, SMALL);
    Predictor p = new Predictor(net, PredictorOptions.DEFAULT.withMaxPending(2));
    List<Callable<Integer>> tasks = new ArrayList<>();
    for (int t = 0; t < THREADS; t++) {
      int mine = t;
      tasks.add(
          () -> {
            for (int done = 0; ; done++) {
              try {
                assertArrayEquals(expected.get(mine), p.predict(images.get(mine), SMALL), 1e-4f);
              } catch (IllegalStateException e) {
                assertTrue(e.getMessage().contains("closed"), e.getMessage());
                return done;
              }
            }
          });
    }
    tasks.add(
        () -> {
          while (p.statistics().images() < 3 * THREADS) {
            Thread.onSpinWait();
          }
          p.close();
          return 0;
        });
    int done = inThreads(tasks).stream().mapToInt(i -> i).sum();
    assertEquals(done, p.statistics().images(), "what was accepted was also answered");
    assertTrue(done >= 3 * THREADS);
    assertThrows(IllegalStateException.class, () -> p.predict(images.getFirst(), SMALL));
    p.close();
    assertEquals(before, live());
  }

  /** What waits when close is called is answered. */
  @Test
  void acceptedRequestsAreFinishedByClose() {
    Module net = Models.create("resnet8", 10, device, SEED);
    List<float[]> images = images(5, SMALL);
    List<float[]> expected = alone(net, images, SMALL);
    List<CompletableFuture<float[]>> got;
    try (Predictor p = new Predictor(net, PredictorOptions.DEFAULT.withBatches(100, LONG))) {
      got = images.stream().map(i -> p.submit(i, SMALL)).toList();
      got.get(1).cancel(false);
    }
    assertTrue(got.get(1).isCancelled());
    for (int i : new int[] {0, 2, 3, 4}) {
      assertArrayEquals(expected.get(i), got.get(i).join(), 1e-4f);
    }
  }

  /** In the predictor's own thread waiting would never end; asking and closing do. */
  @Test
  void fromWhatAFutureRuns() {
    Module net = Models.create("resnet8", 10, device, SEED);
    float[] image = images(1, SMALL).getFirst();
    PredictorOptions options = PredictorOptions.DEFAULT.withBatches(2, LONG).withMaxPending(2);
    Predictor p = new Predictor(net, options);
    CompletableFuture<Throwable> refused =
        p.submit(image, SMALL)
            .thenApply(
                y -> assertThrows(IllegalStateException.class, () -> p.predict(image, SMALL)));
    CompletableFuture<float[]> chained =
        p.submit(image, SMALL).thenCompose(y -> p.submit(image, SMALL));
    assertTrue(refused.join().getMessage().contains("submit"), refused.join().getMessage());
    CompletableFuture<Void> closed = p.submit(image, SMALL).thenRun(p::close);
    assertEquals(10, chained.join().length);
    closed.join();
    p.close();
  }

  @Test
  void interruptedWhileWaiting() throws Exception {
    Module net = Models.create("resnet8", 10, device, SEED);
    float[] image = images(1, SMALL).getFirst();
    try (Predictor p = new Predictor(net, PredictorOptions.DEFAULT.withBatches(2, LONG))) {
      CompletableFuture<Throwable> thrown = new CompletableFuture<>();
      Thread t =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      p.predict(image, SMALL);
                    } catch (Throwable e) {
                      thrown.complete(e);
                    }
                  });
      t.interrupt();
      assertInstanceOf(CancellationException.class, thrown.join());
      t.join();
    }
  }

  @Test
  void probabilities() {
    Module net = Models.create("resnet8", 10, device, SEED);
    float[] image = images(1, SMALL).getFirst();
    float[] logits = alone(net, List.of(image), SMALL).getFirst();
    try (Predictor p = new Predictor(net, PredictorOptions.DEFAULT.withProbabilities(true))) {
      double sum = 0;
      for (float l : logits) {
        sum += Math.exp(l);
      }
      float[] got = p.predict(image, SMALL);
      for (int i = 0; i < got.length; i++) {
        assertEquals(Math.exp(logits[i]) / sum, got[i], 1e-5);
      }
    }
  }

  @Test
  void optionsAndNetworksThatMakeNoSense() {
    assertThrows(
        IllegalArgumentException.class,
        () -> PredictorOptions.DEFAULT.withBatches(0, Duration.ZERO));
    assertThrows(
        IllegalArgumentException.class,
        () -> new Predictor(new Sequential(new Flatten()), PredictorOptions.DEFAULT));
  }

  private long live() {
    DeviceDriver.MemoryUse use = device.memory();
    return use.live();
  }

  private List<float[]> images(int n, ImageSize size) {
    List<float[]> all = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      float[] image = new float[size.bytes()];
      for (int j = 0; j < image.length; j++) {
        image[j] = (float) random.nextGaussian();
      }
      all.add(image);
    }
    return all;
  }

  /** What the network gives for each image by itself. */
  private List<float[]> alone(Module net, List<float[]> images, ImageSize s) {
    net.train(false);
    List<float[]> all = new ArrayList<>();
    for (float[] image : images) {
      try (Scope scope = Scope.open();
          NoGrad off = NoGrad.open()) {
        Tensor x = Tensor.of(device, image, 1, s.height(), s.width(), s.channels());
        all.add(net.apply(Variable.of(x)).value().toArray());
      }
    }
    return all;
  }

  private static void assertSame(List<float[]> expected, List<float[]> got) {
    assertEquals(expected.size(), got.size());
    for (int i = 0; i < got.size(); i++) {
      assertArrayEquals(expected.get(i), got.get(i), 1e-4f, "image " + i + ", seed " + SEED);
    }
  }

  private static <T> List<T> inThreads(List<Callable<T>> tasks) throws Exception {
    try (ExecutorService pool = Executors.newFixedThreadPool(tasks.size())) {
      List<T> results = new ArrayList<>();
      for (Future<T> f : pool.invokeAll(tasks)) {
        results.add(f.get());
      }
      return results;
    }
  }
}
