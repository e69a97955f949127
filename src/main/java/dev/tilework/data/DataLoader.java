package dev.tilework.data;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * Makes batches of a data set's samples in background threads, some batches ahead of their use.
 *
 * <p>The order of an epoch depends on the seed and the epoch alone, and what happens to an image on
 * the seed, the epoch and the image, so any batch of any epoch can be made again. A sample that
 * cannot be read is left out of its batch, and a batch without samples is passed over.
 *
 * <p>Mirrored and cropped images are made ready by the background threads. What more an {@link
 * Augmentation} does the device does, when it is asked for {@link Batch#images}: it gets the bytes
 * as they were read.
 */
public final class DataLoader implements AutoCloseable {
  private static final AtomicInteger THREADS = new AtomicInteger();

  private final Dataset data;
  private final Options options;
  private final BatchMaker maker;
  private final ExecutorService workers;

  /**
   * How batches are made.
   *
   * @param batchSize samples a batch; the last one of an epoch may have fewer
   * @param shuffle whether each epoch has an order of its own, and leaves out an incomplete last
   *     batch (its samples differ from epoch to epoch) if there is a complete one
   * @param augmentation random changes of the images
   * @param normalization from bytes to numbers
   * @param seed of order and changes
   * @param workers background threads
   * @param prefetch batches that are made ahead; the loader holds no more than these in memory
   */
  public record Options(
      int batchSize,
      boolean shuffle,
      Augmentation augmentation,
      Normalization normalization,
      long seed,
      int workers,
      int prefetch) {
    /** Checks the numbers. */
    public Options {
      if (batchSize < 1 || workers < 1 || prefetch < 1) {
        throw new IllegalArgumentException(
            "data loader: batch size "
                + batchSize
                + ", workers "
                + workers
                + ", prefetch "
                + prefetch
                + "; expected at least 1");
      }
    }

    /** Shuffled and augmented batches to learn from. */
    public static Options training(
        int batchSize, Augmentation augmentation, Normalization normalization, long seed) {
      return new Options(batchSize, true, augmentation, normalization, seed, defaultWorkers(), 4);
    }

    /** Unchanged images in the data set's order. */
    public static Options evaluation(int batchSize, Normalization normalization) {
      return new Options(
          batchSize, false, Augmentation.NONE, normalization, 0, defaultWorkers(), 4);
    }

    private static int defaultWorkers() {
      return Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 8);
    }
  }

  /**
   * A loader for a data set.
   *
   * @throws IllegalArgumentException when the data set is empty or its channels are not those of
   *     the normalization and the augmentation
   */
  public DataLoader(Dataset data, Options options) {
    if (data.size() == 0) {
      throw new IllegalArgumentException("data loader: the data set is empty");
    }
    if (data.imageSize().channels() != options.normalization().channels()) {
      throw new IllegalArgumentException(
          "data loader: images "
              + data.imageSize()
              + ", but the normalization has "
              + options.normalization().channels()
              + " channels");
    }
    options.augmentation().requireChannels(data.imageSize().channels());
    this.data = data;
    this.options = options;
    this.maker = new BatchMaker(data, options);
    this.workers =
        Executors.newFixedThreadPool(
            options.workers(),
            Thread.ofPlatform()
                .daemon()
                .name("tilework-data-" + THREADS.getAndIncrement() + "-", 0)
                .factory());
  }

  /** The data set. */
  public Dataset data() {
    return data;
  }

  /** How batches are made. */
  public Options options() {
    return options;
  }

  /** The number of batches of an epoch. */
  public int batches() {
    int b = options.batchSize();
    return options.shuffle() && data.size() >= b ? data.size() / b : (data.size() + b - 1) / b;
  }

  /** The batches of an epoch. */
  public Batches epoch(int epoch) {
    return epoch(epoch, 0);
  }

  /** The batches of an epoch from the one at a place on; close it when leaving early. */
  public Batches epoch(int epoch, int firstBatch) {
    Objects.checkIndex(firstBatch, batches() + 1);
    return new Batches(epoch, firstBatch);
  }

  /** The order of the samples in an epoch. */
  int[] order(int epoch) {
    int[] order = IntStream.range(0, data.size()).toArray();
    if (options.shuffle()) {
      Random random = Seeds.random(options.seed(), epoch);
      for (int i = order.length - 1; i > 0; i--) {
        int j = random.nextInt(i + 1);
        int t = order[i];
        order[i] = order[j];
        order[j] = t;
      }
    }
    return order;
  }

  /** Stops the background threads. */
  @Override
  public void close() {
    workers.shutdownNow();
  }

  /** The batches of one epoch, in order. For one thread. */
  public final class Batches implements Iterator<Batch>, AutoCloseable {
    private final int epoch;
    private final int[] order;
    private final Queue<Future<Batch>> ahead = new ArrayDeque<>();
    private int submitted;
    private Batch next;

    private Batches(int epoch, int firstBatch) {
      this.epoch = epoch;
      this.order = order(epoch);
      this.submitted = firstBatch;
    }

    @Override
    public boolean hasNext() {
      while (next == null) {
        while (submitted < batches() && ahead.size() < options.prefetch()) {
          int index = submitted++;
          int from = index * options.batchSize();
          int to = Math.min(order.length, from + options.batchSize());
          int[] samples = Arrays.copyOfRange(order, from, to);
          ahead.add(workers.submit(() -> maker.make(epoch, index, samples)));
        }
        Future<Batch> first = ahead.poll();
        if (first == null) {
          return false;
        }
        Batch b = await(first);
        next = b.size() == 0 ? null : b;
      }
      return true;
    }

    @Override
    public Batch next() {
      if (!hasNext()) {
        throw new NoSuchElementException("the epoch has no further batch");
      }
      Batch b = next;
      next = null;
      return b;
    }

    private static Batch await(Future<Batch> future) {
      try {
        return future.get();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CancellationException("interrupted while waiting for a batch");
      } catch (ExecutionException e) {
        if (e.getCause() instanceof Error error) {
          throw error;
        }
        throw new IllegalStateException("a batch could not be made: " + e.getCause(), e.getCause());
      }
    }

    /** Gives up the batches that were made ahead. */
    @Override
    public void close() {
      ahead.forEach(f -> f.cancel(true));
      ahead.clear();
      submitted = batches();
      next = null;
    }
  }
}
