package dev.tilework.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tilework.Devices;
import dev.tilework.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DataLoaderTest {
  private static final Normalization HALF =
      new Normalization(List.of(0.5f, 0.5f, 0.5f), List.of(0.5f, 0.25f, 0.125f));

  private static DataLoader shuffled(int size, int batch, long seed, int workers, int prefetch) {
    return new DataLoader(
        new GeneratedShapes(size, 12, 3),
        new DataLoader.Options(batch, true, Augmentation.STANDARD, HALF, seed, workers, prefetch));
  }

  private static List<Batch> all(DataLoader loader, int epoch, int first) {
    List<Batch> batches = new ArrayList<>();
    loader.epoch(epoch, first).forEachRemaining(batches::add);
    return batches;
  }

  private static float[] images(Batch b) {
    try (Tensor t = b.images(Devices.cpu())) {
      return t.toArray();
    }
  }

  private static void assertSameBatches(List<Batch> a, List<Batch> b) {
    assertEquals(a.size(), b.size());
    for (int i = 0; i < a.size(); i++) {
      assertEquals(a.get(i).index(), b.get(i).index());
      assertArrayEquals(a.get(i).samples(), b.get(i).samples());
      assertArrayEquals(a.get(i).labels(), b.get(i).labels());
      assertArrayEquals(images(a.get(i)), images(b.get(i)));
    }
  }

  @Test
  void batchesDependOnSeedAndEpochAlone() {
    try (DataLoader a = shuffled(50, 8, 7, 1, 1);
        DataLoader b = shuffled(50, 8, 7, 4, 5);
        DataLoader other = shuffled(50, 8, 8, 1, 1)) {
      all(b, 0, 0);
      assertSameBatches(all(a, 3, 0), all(b, 3, 0));
      assertFalse(Arrays.equals(a.order(3), a.order(4)));
      assertFalse(Arrays.equals(a.order(3), other.order(3)));
      assertFalse(Arrays.equals(images(all(a, 3, 0).getFirst()), images(all(a, 4, 0).getFirst())));
    }
  }

  @Test
  void anEpochCanBeginAtAnyBatch() {
    try (DataLoader loader = shuffled(50, 8, 7, 2, 3)) {
      List<Batch> whole = all(loader, 2, 0);
      for (int first = 0; first <= loader.batches(); first++) {
        assertSameBatches(whole.subList(first, whole.size()), all(loader, 2, first));
      }
      assertThrows(IndexOutOfBoundsException.class, () -> loader.epoch(0, loader.batches() + 1));
    }
  }

  @Test
  void shuffledEpochsHoldEachSampleOnceAndCompleteBatchesOnly() {
    try (DataLoader loader = shuffled(50, 8, 7, 2, 3)) {
      assertEquals(6, loader.batches());
      int[] order = loader.order(0);
      List<Batch> batches = all(loader, 0, 0);
      assertEquals(6, batches.size());
      batches.forEach(b -> assertEquals(8, b.size()));
      assertArrayEquals(
          Arrays.copyOf(order, 48),
          batches.stream().flatMapToInt(b -> IntStream.of(b.samples())).toArray());
      assertArrayEquals(IntStream.range(0, 50).toArray(), IntStream.of(order).sorted().toArray());
    }
    try (DataLoader small = shuffled(5, 8, 7, 1, 1)) {
      assertEquals(1, small.batches());
      assertEquals(5, all(small, 0, 0).getFirst().size());
    }
  }

  @Test
  void evaluationKeepsOrderAndTheLastBatch() {
    try (DataLoader loader =
        new DataLoader(new GeneratedShapes(11, 12, 3), DataLoader.Options.evaluation(4, HALF))) {
      List<Batch> batches = all(loader, 0, 0);
      assertEquals(List.of(4, 4, 3), batches.stream().map(Batch::size).toList());
      assertArrayEquals(
          IntStream.range(0, 11).toArray(),
          batches.stream().flatMapToInt(b -> IntStream.of(b.samples())).toArray());
      Batch last = batches.getLast();
      assertArrayEquals(
          HALF.apply(loader.data().sample(8).pixels()),
          Arrays.copyOf(images(last), last.imageSize().bytes()));
    }
  }

  @Test
  void normalizationIsByChannel() {
    byte[] pixels = {0, (byte) 255, (byte) 255, 51, 51, 51};
    assertArrayEquals(new float[] {-1, 2, 4, -0.6f, -1.2f, -2.4f}, HALF.apply(pixels), 1e-6f);
  }

  @Test
  void statisticsMatchHandComputedOnes() {
    byte[][] images = {{0, 10, 7}, {(byte) 200, 10, 9}};
    Normalization n = Normalization.of(fixed(images, 1), 10);
    assertEquals(100 / 255.0, n.mean().get(0), 1e-6);
    assertEquals(100 / 255.0, n.deviation().get(0), 1e-6);
    assertEquals(10 / 255.0, n.mean().get(1), 1e-6);
    assertEquals(0.5 / 255.0, n.deviation().get(1), 1e-6, "no division by 0");
    assertEquals(1 / 255.0, n.deviation().get(2), 1e-6);
  }

  @Test
  void flipsAndCropsMoveTheImage() {
    ImageSize size = ImageSize.square(5);
    byte[] pixels = new byte[size.bytes()];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (i + 1);
    }
    float[][] table = new Normalization(List.of(0f, 0f, 0f), List.of(1f, 1f, 1f)).table();
    for (int flips = 0; flips < 4; flips++) {
      boolean across = flips % 2 == 1;
      boolean down = flips > 1;
      for (int top = -2; top <= 2; top++) {
        for (int left = -2; left <= 2; left++) {
          float[] out = new float[size.bytes() + 3];
          new Move(top, left, across, down).write(pixels, size, table, out, 3);
          for (int i = 0; i < size.bytes(); i++) {
            int y = (down ? 4 - i / 15 : i / 15) + top;
            int x = (across ? 4 - i / 3 % 5 : i / 3 % 5) + left;
            boolean inside = x >= 0 && x < 5 && y >= 0 && y < 5;
            float expected = inside ? ((y * 5 + x) * 3 + i % 3 + 1) / 255f : 0;
            assertEquals(expected, out[3 + i], "flips " + flips + ", crop " + top + "," + left);
          }
        }
      }
    }
  }

  @Test
  void drawsCoverAllCropsAndBothDirections() {
    int[] tops = new int[9];
    int[] lefts = new int[9];
    int flips = 0;
    for (int i = 0; i < 9000; i++) {
      Move d = Move.draw(Augmentation.STANDARD, new ImageNumbers(1, 2, i));
      tops[d.top() + 4]++;
      lefts[d.left() + 4]++;
      flips += d.flip() ? 1 : 0;
    }
    assertEquals(4500, flips, 200);
    for (int i = 0; i < 9; i++) {
      assertEquals(1000, tops[i], 150);
      assertEquals(1000, lefts[i], 150);
    }
    Move none = Move.draw(Augmentation.NONE, new ImageNumbers(1, 2, 3));
    assertEquals(new Move(0, 0, false, false), none);
  }

  @Test
  void noMoreBatchesAreMadeThanPrefetched() throws Exception {
    AtomicInteger made = new AtomicInteger();
    Semaphore done = new Semaphore(0);
    Dataset counting =
        watched(
            () -> {
              made.incrementAndGet();
              done.release();
            });
    try (DataLoader loader =
        new DataLoader(
            counting, new DataLoader.Options(1, false, Augmentation.NONE, HALF, 0, 2, 3))) {
      DataLoader.Batches batches = loader.epoch(0);
      assertEquals(0, made.get());
      batches.next();
      assertTrue(done.tryAcquire(3, 30, TimeUnit.SECONDS), "three are made with no further call");
      batches.next();
      assertTrue(done.tryAcquire(1, 30, TimeUnit.SECONDS));
      assertEquals(
          4, made.get(), "two taken, two waiting; the next is asked for when one is taken");
      batches.close();
      assertFalse(batches.hasNext());
      assertThrows(NoSuchElementException.class, batches::next);
    }
  }

  @Test
  void batchesAreMadeInParallel() {
    CountDownLatch both = new CountDownLatch(2);
    Dataset meeting =
        watched(
            () -> {
              both.countDown();
              try {
                assertTrue(both.await(30, TimeUnit.SECONDS), "a second worker was at work");
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    try (DataLoader loader =
        new DataLoader(
            meeting, new DataLoader.Options(1, false, Augmentation.NONE, HALF, 0, 2, 2))) {
      assertEquals(10, all(loader, 0, 0).size());
    }
  }

  @Test
  void otherErrorsOfADataSetReachTheCaller() {
    Dataset failing =
        watched(
            () -> {
              throw new IllegalStateException("no disk");
            });
    try (DataLoader loader = new DataLoader(failing, DataLoader.Options.evaluation(2, HALF))) {
      Exception e = assertThrows(IllegalStateException.class, () -> loader.epoch(0).next());
      assertTrue(e.getMessage().contains("no disk"), e.getMessage());
    }
  }

  @Test
  void cachedImagesAreReadOnce() {
    AtomicInteger reads = new AtomicInteger();
    Dataset source = watched(reads::incrementAndGet);
    Dataset cached = source.cached(10 * 12 * 12 * 3);
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < 10; i++) {
        assertArrayEquals(
            new GeneratedShapes(10, 12, 3).sample(i).pixels(), cached.sample(i).pixels());
      }
    }
    assertEquals(10, reads.get());
    assertSame(source, source.cached(10 * 12 * 12 * 3 - 1), "too large for the cache");
  }

  @Test
  void wrongOptionsAreErrors() {
    assertThrows(IllegalArgumentException.class, () -> shuffled(10, 0, 1, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> shuffled(0, 1, 1, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> Augmentation.builder().crop(-1).build());
    assertThrows(IllegalArgumentException.class, () -> new Normalization(List.of(0f), List.of(0f)));
    Normalization grey = new Normalization(List.of(0f), List.of(1f));
    Exception e =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                new DataLoader(new GeneratedShapes(10, 1), DataLoader.Options.evaluation(2, grey)));
    assertTrue(e.getMessage().contains("1 channels"), e.getMessage());
    assertNotEquals(HALF, Normalization.IMAGENET);
  }

  private static Dataset fixed(byte[][] images, int side) {
    return new Dataset() {
      @Override
      public int size() {
        return images.length;
      }

      @Override
      public List<String> classes() {
        return List.of("a", "b");
      }

      @Override
      public ImageSize imageSize() {
        return ImageSize.square(side);
      }

      @Override
      public int label(int index) {
        return index % 2;
      }

      @Override
      public Sample sample(int index) {
        return new Sample(images[index], label(index));
      }
    };
  }

  /** Ten generated images; the action runs at each read. */
  private static Dataset watched(Runnable action) {
    return new WatchedDataset(new GeneratedShapes(10, 12, 3), action);
  }
}
