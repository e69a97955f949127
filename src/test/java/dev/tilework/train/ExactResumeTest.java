package dev.tilework.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tilework.Device;
import dev.tilework.data.GeneratedShapes;
import dev.tilework.data.WatchedDataset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** A run that was interrupted ends with the bits of one that was not, on every device. */
@ParameterizedClass(name = "{0}", allowZeroInvocations = true)
@MethodSource("dev.tilework.kernels.DeviceUnderTest#fresh")
class ExactResumeTest {
  @Parameter private Device device;

  @TempDir Path folder;

  @Test
  void twoEpochsAreOneAndOneMore() {
    for (Supplier<TinyRun> maker :
        List.<Supplier<TinyRun>>of(
            () -> new TinyRun(device),
            () -> TinyRun.withAdam(device),
            () -> TinyRun.augmented(device))) {
      Path whole = folder.resolve("whole" + maker.hashCode());
      Path parts = folder.resolve("parts" + maker.hashCode());
      TinyRun.Outcome expected = TinyRun.outcome(maker, 2, whole, false);
      TinyRun.Outcome first = TinyRun.outcome(maker, 1, parts, false);
      assertNotEquals(expected.bits(), first.bits());
      assertEquals(expected, TinyRun.outcome(maker, 2, parts, true));
      assertEquals(expected, TinyRun.outcome(maker, 2, parts, true), "nothing is left to do");
    }
  }

  @Test
  void aRunGoesOnWithinAnEpoch() {
    TinyRun.Outcome expected =
        TinyRun.outcome(() -> new TinyRun(device), 3, folder.resolve("whole"), false);
    GeneratedShapes shapes = new GeneratedShapes(TinyRun.IMAGES, 12, 1);
    for (int stop : new int[] {12, 20, 50, 75, 110}) {
      Path parts = folder.resolve("stopped at image " + stop);
      int[] reads = {0};
      Runnable watch =
          () -> {
            if (++reads[0] == stop) {
              throw new IllegalStateException("stop");
            }
          };
      assertThrows(
          IllegalStateException.class,
          () ->
              TinyRun.outcome(
                  () -> new TinyRun(device, new WatchedDataset(shapes, watch), TinyRun.CYCLE),
                  3,
                  parts,
                  false));
      boolean saved = Files.exists(parts.resolve(Trainer.LAST));
      assertEquals(stop > 2 * TinyRun.BATCH, saved, "a checkpoint at image " + stop);
      assertEquals(expected, TinyRun.outcome(() -> new TinyRun(device), 3, parts, saved));
    }
  }
}
