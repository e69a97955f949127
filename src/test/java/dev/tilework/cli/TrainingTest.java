package dev.tilework.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tilework.data.Dataset;
import dev.tilework.data.GeneratedShapes;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From a folder of images to a trained model and back to images. */
class TrainingTest {
  private static final int SIDE = 16;
  private static final int PER_CLASS = 22;

  @TempDir static Path folder;
  private static Path data;
  private static Path run;
  private static Invocation trained;
  private static JsonNode result;

  /** A folder of generated images, two of which are damaged, and a model trained on it. */
  @BeforeAll
  static void train() throws IOException {
    data = folder.resolve("data");
    Dataset shapes = new GeneratedShapes(10 * PER_CLASS, SIDE, 3);
    for (int i = 0; i < shapes.size(); i++) {
      int label = shapes.label(i);
      if (label < 2) {
        Path file = data.resolve(shapes.classes().get(label)).resolve(i + ".png");
        Files.createDirectories(file.getParent());
        ImageIO.write(image(shapes.sample(i).pixels()), "png", file.toFile());
      }
    }
    Files.writeString(data.resolve("circle/broken.png"), "no image");
    Files.write(data.resolve("square/cut.png"), new byte[] {(byte) 0x89, 'P', 'N', 'G'});
    run = folder.resolve("run");
    Path json = folder.resolve("train.json");
    trained =
        Invocation.of(
            "train",
            "--data",
            data,
            "--model",
            "resnet8",
            "--image-size",
            SIDE,
            "--epochs",
            3,
            "--batch",
            8,
            "--seed",
            5,
            "--out",
            run,
            "--json",
            json);
    assertEquals(0, trained.exitCode(), trained.err());
    result = new ObjectMapper().readTree(json.toFile());
  }

  private static BufferedImage image(byte[] pixels) {
    BufferedImage b = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < SIDE * SIDE; i++) {
      int rgb = 0;
      for (int c = 0; c < 3; c++) {
        rgb = rgb << 8 | pixels[3 * i + c] & 0xFF;
      }
      b.setRGB(i % SIDE, i / SIDE, rgb);
    }
    return b;
  }

  @Test
  void jsonHasWhatMachinesNeed() {
    for (String field : new String[] {"accuracy", "precision", "recall", "f1"}) {
      double v = result.get(field).asDouble(-1);
      assertTrue(v >= 0 && v <= 1, field + " " + v);
    }
    assertTrue(result.get("loss").asDouble() > 0);
    assertTrue(result.get("images_per_second").asDouble() > 0);
    assertTrue(result.get("seconds").asDouble() > 0);
    assertTrue(result.get("peak_device_bytes").asLong() > 4 * result.get("parameters").asLong());
    assertEquals("cpu", result.get("device").asText());
    assertEquals("resnet8", result.get("model").asText());
    assertEquals(5, result.get("seed").asLong());
    assertEquals(3, result.get("history").size());
  }

  @Test
  void corruptImagesAreCountedAndNamed() {
    assertEquals(2, result.get("skipped").size());
    assertTrue(trained.out().contains("2 images were skipped"), trained.out());
    assertTrue(trained.out().contains("broken.png"), trained.out());
    assertTrue(trained.out().contains("cut.png"), trained.out());
  }

  @Test
  void filesAreWritten() throws IOException {
    for (String file : new String[] {"learning-curve.png", "confusion-matrix.png"}) {
      BufferedImage b = ImageIO.read(run.resolve(file).toFile());
      assertNotNull(b, file);
      assertTrue(b.getWidth() >= 200, file);
    }
    assertTrue(Files.size(run.resolve("model.safetensors")) > 4 * 75_000);
    assertTrue(Files.exists(run.resolve("last.safetensors")));
    String html = Files.readString(run.resolve("report.html"));
    assertTrue(html.contains("<h2>Training</h2>") && html.contains("<h2>Where the network looks"));
    assertTrue(
        html.contains("<h1>run</h1>") && html.contains("circle") && html.contains("resnet8"));
  }

  @Test
  void evaluateFindsTheModelAsTrainingLeftIt() throws IOException {
    // The validation images of the training: every tenth of a class, in name order.
    Path held = folder.resolve("held");
    for (String c : new String[] {"circle", "square"}) {
      var files = Files.list(data.resolve(c)).sorted().toList();
      Files.createDirectories(held.resolve(c));
      for (int i = 9; i < files.size(); i += 10) {
        Files.copy(files.get(i), held.resolve(c).resolve(files.get(i).getFileName()));
      }
    }
    Path json = folder.resolve("evaluate.json");
    Invocation i =
        Invocation.of(
            "evaluate",
            "--weights",
            run.resolve("model.safetensors"),
            "--data",
            held,
            "--json",
            json,
            "--confusion",
            folder.resolve("c.png"),
            "--report",
            folder.resolve("new/report.html"),
            "--layer",
            "layer2.0");
    assertEquals(0, i.exitCode(), i.err());
    String html = Files.readString(folder.resolve("new/report.html"));
    assertTrue(html.contains("<h2>Training</h2>"), "the history of the run beside the weights");
    assertTrue(html.contains("<h2>Where the network looks</h2>"));
    assertTrue(i.out().contains("macro average"), i.out());
    assertTrue(Files.exists(folder.resolve("c.png")));
    JsonNode e = new ObjectMapper().readTree(json.toFile());
    assertEquals(result.get("images").asLong(), e.get("images").asLong());
    assertEquals(result.get("accuracy").asDouble(), e.get("accuracy").asDouble());
    JsonNode measures = e.get("report");
    assertEquals(e.get("accuracy"), measures.get("scores").get("accuracy"));
    assertEquals(2, measures.get("curves").size());
    assertEquals(
        e.get("loss").asDouble(),
        measures.get("calibration").get("negative_log_likelihood").asDouble(),
        1e-5);
    assertEquals(result.get("loss").asDouble(), e.get("loss").asDouble(), 1e-4);
  }

  @Test
  void layerThatIsNotThereIsNamed() {
    Invocation i =
        Invocation.of(
            "evaluate",
            "--weights",
            run.resolve("model.safetensors"),
            "--data",
            data,
            "--report",
            folder.resolve("no.html"),
            "--layer",
            "layer9");
    assertEquals(1, i.exitCode());
    assertTrue(i.err().contains("no layer 'layer9'; it has conv1"), i.err());
  }

  @Test
  void predictNamesClassesAndFailures() throws IOException {
    Path json = folder.resolve("predict.json");
    Path good = data.resolve("circle/0.png");
    Path bad = data.resolve("circle/broken.png");
    Path weights = run.resolve("model.safetensors");
    Invocation i = Invocation.of("predict", "--weights", weights, good, "--json", json);
    assertEquals(0, i.exitCode(), i.err());
    assertTrue(i.out().startsWith(good + ":  "), i.out());
    JsonNode p = new ObjectMapper().readTree(json.toFile()).get("images").get(0);
    assertEquals(2, p.get("predictions").size());
    double sum = 0;
    for (JsonNode guess : p.get("predictions")) {
      sum += guess.get("probability").asDouble();
    }
    assertEquals(1, sum, 1e-5);
    Invocation j = Invocation.of("predict", "--weights", weights, bad, good);
    assertEquals(1, j.exitCode());
    assertTrue(j.out().contains(good.toString()), j.out());
    assertTrue(j.err().contains("1 of 2 images") && j.err().contains("broken.png"), j.err());
  }

  @Test
  void resumedRunEndsWithTheSameBytes() throws IOException {
    Path half = folder.resolve("half");
    Files.createDirectories(half);
    // What a run that was killed in its last epoch has left: its settings and a checkpoint.
    Invocation first =
        Invocation.of(
            "train",
            "--images",
            40,
            "--image-size",
            8,
            "--epochs",
            2,
            "--batch",
            10,
            "--augment",
            "strong",
            "--mixup",
            "0.4",
            "--out",
            folder.resolve("whole"),
            "--quiet");
    assertEquals(0, first.exitCode(), first.err());
    assertEquals("", first.out());
    for (String f : new String[] {"settings.json", "last.safetensors"}) {
      Files.copy(folder.resolve("whole").resolve(f), half.resolve(f));
    }
    Invocation i = Invocation.of("train", "--resume", half);
    assertEquals(0, i.exitCode(), i.err());
    assertTrue(i.out().contains("resumed after 2 epochs"), i.out());
    assertArrayEquals(
        Files.readAllBytes(folder.resolve("whole/model.safetensors")),
        Files.readAllBytes(half.resolve("model.safetensors")));
  }

  @Test
  void runThatDivergesIsStopped() {
    Invocation i =
        Invocation.of(
            "train",
            "--images",
            40,
            "--image-size",
            8,
            "--epochs",
            4,
            "--batch",
            10,
            "--lr",
            "1e30",
            "--schedule",
            "constant",
            "--out",
            folder.resolve("diverged"));
    assertEquals(1, i.exitCode(), i.out());
    assertTrue(i.err().contains("step"), i.err());
    assertFalse(i.err().contains("\tat "), i.err());
    assertFalse(Files.exists(folder.resolve("diverged/model.safetensors")));
  }
}
