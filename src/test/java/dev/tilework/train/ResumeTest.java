package dev.tilework.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tilework.TestDevices;
import java.io.BufferedReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class ResumeTest {
  @TempDir Path folder;

  private static TinyRun.Outcome run(
      Supplier<TinyRun> maker, int epochs, Path folder, boolean resume) {
    return TinyRun.outcome(maker, epochs, folder, resume);
  }

  @Test
  void aKilledProcessLosesNothing() throws Exception {
    TinyRun.Outcome expected = run(TinyRun::new, 3, folder.resolve("whole"), false);
    Path killed = folder.resolve("killed");
    int inTheSecondEpoch = TinyRun.IMAGES + 3 * TinyRun.BATCH + 1;
    Process p = TrainingProgram.start("", killed, 3, inTheSecondEpoch);
    try (BufferedReader out = p.inputReader(StandardCharsets.UTF_8)) {
      StringBuilder seen = new StringBuilder();
      String line;
      do {
        line = out.readLine();
        seen.append(line).append('\n');
      } while (line != null && !line.equals(TrainingProgram.WAITING));
      assertEquals(TrainingProgram.WAITING, line, seen.toString());
      p.destroyForcibly();
      assertTrue(p.waitFor(30, TimeUnit.SECONDS));
    } finally {
      p.destroyForcibly();
    }
    assertEquals(expected, run(TinyRun::new, 3, killed, true));
  }

  /** A limit to the size of files stands for a disk that is full. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void aFullDiskLeavesTheOldCheckpoint() throws Exception {
    TinyRun.Outcome expected = run(TinyRun::new, 2, folder.resolve("whole"), false);
    Path parts = folder.resolve("parts");
    run(TinyRun::new, 1, parts, false);
    byte[] last = Files.readAllBytes(parts.resolve(Trainer.LAST));
    byte[] best = Files.readAllBytes(parts.resolve(Trainer.BEST));
    assertTrue(last.length > 16_384, "the limit must be below the file: " + last.length);
    Process p = TrainingProgram.start("ulimit -f 16", parts, 2, 0);
    String out = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(1, p.waitFor(), out);
    assertTrue(out.contains(TrainingProgram.FAILED + "cannot save " + parts), out);
    assertArrayEquals(last, Files.readAllBytes(parts.resolve(Trainer.LAST)));
    assertArrayEquals(best, Files.readAllBytes(parts.resolve(Trainer.BEST)));
    try (Stream<Path> files = Files.list(parts)) {
      assertEquals(2, files.count(), "no part of a file is left");
    }
    assertEquals(expected, run(TinyRun::new, 2, parts, true));
  }

  @Test
  void aRunWithOtherSettingsIsRefused() {
    run(TinyRun::new, 1, folder, false);
    try (TinyRun other = TinyRun.withAdam(TestDevices.cpu())) {
      Map<String, String> before = other.bits();
      Trainer t = other.trainer(TinyRun.options(2, folder, 0));
      Exception e = assertThrows(IllegalArgumentException.class, t::resume);
      assertTrue(e.getMessage().contains("optimizer: Sgd["), e.getMessage());
      assertTrue(e.getMessage().contains("schedule: OneCycle["), e.getMessage());
      assertFalse(e.getMessage().contains("batch size"), e.getMessage());
      assertEquals(before, other.bits());
    }
  }

  @Test
  void aDamagedCheckpointIsRefusedAndChangesNothing() throws Exception {
    run(TinyRun::new, 1, folder, false);
    Path file = folder.resolve(Trainer.LAST);
    byte[] whole = Files.readAllBytes(file);
    for (int length : new int[] {0, 100, whole.length - 1}) {
      Files.write(file, Arrays.copyOf(whole, length));
      try (TinyRun run = new TinyRun()) {
        Map<String, String> before = run.bits();
        Trainer t = run.trainer(TinyRun.options(2, folder, 0));
        Exception e = assertThrows(UncheckedIOException.class, t::resume);
        assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
        assertEquals(before, run.bits());
      }
    }
    Files.copy(
        folder.resolve(Trainer.BEST), file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    try (TinyRun run = new TinyRun()) {
      Trainer t = run.trainer(TinyRun.options(2, folder, 0));
      Exception e = assertThrows(IllegalArgumentException.class, t::resume);
      assertTrue(e.getMessage().contains("no checkpoint"), e.getMessage());
    }
  }
}
