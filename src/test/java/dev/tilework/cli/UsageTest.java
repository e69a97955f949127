package dev.tilework.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tilework.data.GeneratedShapes;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Exit codes and messages of what is quick: usage, lists, and input that is not there. */
class UsageTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "tarin",
        "train --epochs",
        "train --epochs x",
        "train --epochs 0",
        "train --batch -1",
        "train --images 9",
        "train --image-size 4",
        "train --lr 0",
        "train --lr NaN",
        "train --momentum 1",
        "train --weight-decay -1",
        "train --label-smoothing 1",
        "train --workers 0",
        "train --patience -1",
        "train --optimizer rprop",
        "train --schedule never",
        "train --model resnet7",
        "train --augment mild",
        "train --augment strong --no-augment",
        "train --rotate 200",
        "train --scale 2,1",
        "train --scale 1,2,3",
        "train --resume somewhere --flip",
        "augment",
        "augment --out a.png --rows 0",
        "augment --out a.png --mixup -1",
        "train --resume somewhere --lr 0.1",
        "train surplus",
        "predict --weights w.safetensors",
        "predict image.png",
        "predict --weights w.safetensors --top 0 image.png",
        "evaluate --data folder",
        "evaluate --weights w.safetensors",
        "bench --batch 0",
        "bench --model nothing",
        "devices --unknown",
      })
  void wrongUsageIsTwo(String words) {
    Invocation i = Invocation.of((Object[]) (words.isEmpty() ? new String[0] : words.split(" ")));
    assertEquals(2, i.exitCode(), i.err());
    assertTrue(i.err().contains("tilework: "), i.err());
    assertFalse(i.err().contains("\tat "), i.err());
    assertEquals("", i.out());
  }

  @Test
  void unknownModelListsThoseThereAre() {
    Invocation i = Invocation.of("train", "--model", "resnet7");
    assertTrue(i.err().contains("'resnet7'") && i.err().contains("resnet18"), i.err());
  }

  @Test
  void helpOfEveryCommand() {
    for (String command : Main.commandLine().getSubcommands().keySet()) {
      Invocation i = Invocation.of(command, "--help");
      assertEquals(0, i.exitCode(), i.err());
      assertTrue(i.out().startsWith("Usage: tilework " + command), i.out());
      assertTrue(i.out().contains("wrong usage"), i.out());
    }
  }

  @Test
  void aDeviceWithoutTuningIsNotTuned() {
    Invocation i = Invocation.of("tune", "--device", "cpu", "--output", folder.resolve("t.json"));
    assertEquals(1, i.exitCode(), i.err());
    assertTrue(i.err().contains("the cpu device has no tuning"), i.err());
    assertFalse(Files.exists(folder.resolve("t.json")));
  }

  @Test
  void unknownDeviceIsRefusedWithTheReasons() {
    Invocation i = Invocation.of("train", "--device", "abacus", "--out", folder.resolve("run"));
    assertEquals(1, i.exitCode());
    assertTrue(i.err().startsWith("tilework: there is no device 'abacus'"), i.err());
    assertTrue(i.err().contains("cpu: "), i.err());
    assertFalse(Files.exists(folder.resolve("run")));
  }

  @Test
  void verboseShowsTheStackTrace() {
    Invocation i = Invocation.of("train", "--device", "abacus", "--verbose");
    assertEquals(1, i.exitCode());
    assertTrue(i.err().contains("\tat dev.tilework."), i.err());
  }

  @Test
  void missingFolderIsNamed() {
    Path missing = folder.resolve("missing");
    for (Invocation i :
        Stream.of(
                Invocation.of("train", "--data", missing, "--out", folder.resolve("run")),
                Invocation.of("train", "--resume", missing),
                Invocation.of("evaluate", "--weights", missing, "--data", folder),
                Invocation.of("predict", "--weights", missing, "x.png"))
            .toList()) {
      assertEquals(1, i.exitCode());
      assertTrue(i.err().contains(missing.toString()), i.err());
      assertEquals(1, i.err().lines().count(), i.err());
    }
  }

  @Test
  void folderWithoutClassesIsExplained() throws IOException {
    Files.createDirectories(folder.resolve("data/only"));
    Invocation i =
        Invocation.of("train", "--data", folder.resolve("data"), "--out", folder.resolve("run"));
    assertEquals(1, i.exitCode());
    assertTrue(i.err().contains("FOLDER/CLASS"), i.err());
  }

  @Test
  void aSheetOfChangedImagesIsDrawn() throws IOException {
    Path png = folder.resolve("sheets/a.png");
    Path json = folder.resolve("a.json");
    Invocation i =
        Invocation.of(
            "augment",
            "--policy",
            "strong",
            "--cutmix",
            "1",
            "--crop-padding",
            "2",
            "--rows",
            3,
            "--columns",
            2,
            "--no-flip",
            "--device",
            "cpu",
            "--out",
            png,
            "--json",
            json);
    assertEquals(0, i.exitCode(), i.err());
    BufferedImage sheet = ImageIO.read(png.toFile());
    JsonNode root = new ObjectMapper().readTree(json.toFile());
    JsonNode a = root.get("augmentation");
    assertEquals(15, a.get("rotation").asDouble());
    assertEquals(1, a.get("cutMix").asDouble());
    assertEquals(2, a.get("cropPadding").asInt());
    assertFalse(a.get("horizontalFlip").asBoolean());
    assertEquals(3, root.get("images").size());
    // The first image stands in the first column as it is, each pixel twice as large.
    byte[] pixels = new GeneratedShapes(200, 32, 1).sample(0).pixels();
    int x = sheet.getWidth() - 3 * 70;
    int differing = 0;
    for (int row = 0; row < 64; row++) {
      for (int column = 0; column < 64; column++) {
        int at = (row / 2 * 32 + column / 2) * 3;
        int rgb = (pixels[at] & 0xFF) << 16 | (pixels[at + 1] & 0xFF) << 8 | pixels[at + 2] & 0xFF;
        assertEquals(rgb, sheet.getRGB(x + column, 20 + row) & 0xFFFFFF, row + ", " + column);
        differing += rgb == (sheet.getRGB(x + 70 + column, 20 + row) & 0xFFFFFF) ? 0 : 1;
      }
    }
    assertTrue(differing > 1000, differing + " pixels differ in the second column");
  }

  @Test
  void weightsThatAreNoneAreRefused() throws IOException {
    Path file = Files.writeString(folder.resolve("w.safetensors"), "these are no weights at all");
    Invocation i = Invocation.of("predict", "--weights", file, "x.png");
    assertEquals(1, i.exitCode());
    assertTrue(i.err().startsWith("tilework: " + file), i.err());
  }

  @Test
  void modelsAreListed() throws IOException {
    Path json = folder.resolve("models.json");
    Invocation i = Invocation.of("models", "--json", json);
    assertEquals(0, i.exitCode(), i.err());
    assertTrue(i.out().contains("138,357,544"), i.out());
    JsonNode models = new ObjectMapper().readTree(json.toFile()).get("models");
    for (JsonNode m : models) {
      if (m.get("name").asText().equals("resnet50")) {
        assertEquals(25_557_032, m.get("parameters").asLong());
        assertEquals(54, m.get("layers").asInt());
        return;
      }
    }
    throw new AssertionError("resnet50 is not in " + models);
  }

  @Test
  void devicesAreListed() throws IOException {
    Path json = folder.resolve("sub/devices.json");
    Invocation i = Invocation.of("devices", "--json", json);
    assertEquals(0, i.exitCode(), i.err());
    assertTrue(i.out().lines().anyMatch(l -> l.matches("cpu +cpu +yes .*")), i.out());
    JsonNode root = new ObjectMapper().readTree(json.toFile());
    assertTrue(root.get("devices").findValuesAsText("kind").contains("cpu"));
    assertTrue(root.get("devices").get(0).has("explanation"));
  }

  @Test
  void jsonThatCannotBeWrittenIsAnError() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    Invocation i = Invocation.of("devices", "--json", file.resolve("x.json"));
    assertEquals(1, i.exitCode());
    assertTrue(i.err().contains("cannot write"), i.err());
  }
}
