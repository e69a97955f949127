package dev.tilework.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tilework.Devices;
import dev.tilework.Tensor;
import dev.tilework.data.Dataset;
import dev.tilework.data.GeneratedShapes;
import dev.tilework.data.Scaling;
import dev.tilework.io.SafetensorsFile;
import dev.tilework.io.TorchFiles;
import dev.tilework.io.TorchFiles.Dense;
import dev.tilework.models.Models;
import dev.tilework.nn.Module;
import dev.tilework.train.ModelCard;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A network that learned some shapes is trained for others, from the command line. */
class TransferCommandTest {
  private static final int SIDE = 12;

  @TempDir static Path folder;
  private static Path source;
  private static Path data;

  @BeforeAll
  static void trainTheSource() throws IOException {
    Path run = folder.resolve("source");
    Invocation i =
        Invocation.of(
            words(
                "train --images 300 --image-size 12 --model resnet8 --epochs 2 --quiet",
                "--classes",
                "star,circle,square",
                "--limit-per-class",
                20,
                "--out",
                run));
    assertEquals(0, i.exitCode(), i.err());
    source = run.resolve("model.safetensors");
    data = folder.resolve("shapes");
    Dataset shapes = new GeneratedShapes(220, SIDE, 3);
    for (int k = 0; k < shapes.size(); k++) {
      Path file = data.resolve(shapes.classes().get(shapes.label(k))).resolve(k + ".png");
      Files.createDirectories(file.getParent());
      ImageIO.write(image(shapes.sample(k).pixels()), "png", file.toFile());
    }
  }

  private static BufferedImage image(byte[] pixels) {
    BufferedImage b = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < SIDE * SIDE; i++) {
      b.setRGB(
          i % SIDE,
          i / SIDE,
          (pixels[3 * i] & 0xFF) << 16
              | (pixels[3 * i + 1] & 0xFF) << 8
              | pixels[3 * i + 2] & 0xFF);
    }
    return b;
  }

  /** Options as a sentence, and more of them. */
  private static Object[] words(String sentence, Object... more) {
    List<Object> all = new ArrayList<>(List.of((Object[]) sentence.split(" ")));
    all.addAll(Arrays.asList(more));
    return all.toArray();
  }

  private static Map<String, float[]> state(Path file) throws IOException {
    Map<String, float[]> all = new LinkedHashMap<>();
    try (SafetensorsFile f = SafetensorsFile.open(file)) {
      for (String name : f.names()) {
        try (Tensor t = f.read(name, Devices.cpu())) {
          all.put(name, t.toArray());
        }
      }
    }
    return all;
  }

  private static ModelCard card(Path file) throws IOException {
    try (SafetensorsFile f = SafetensorsFile.open(file)) {
      return ModelCard.of(f.metadata());
    }
  }

  @Test
  void classesAndImagesAreChosen() throws IOException {
    assertEquals(List.of("star", "circle", "square"), card(source).classes());
    JsonNode settings =
        new ObjectMapper().readTree(folder.resolve("source/settings.json").toFile());
    assertEquals(20, settings.get("selection").get("limitPerClass").asInt());
    Path json = folder.resolve("chosen.json");
    Invocation i =
        Invocation.of(
            words(
                "train --model resnet8 --image-size 8 --epochs 1 --batch 4",
                "--data",
                data,
                "--classes",
                "ring,heart",
                "--limit-per-class",
                5,
                "--out",
                folder.resolve("chosen"),
                "--json",
                json));
    assertEquals(0, i.exitCode(), i.err());
    // 22 images of a class, of which two are kept for validation.
    assertTrue(i.out().contains("10 images of 2 classes to train on, 4 to validate"), i.out());
    assertEquals(4, new ObjectMapper().readTree(json.toFile()).get("images").asInt());
  }

  @Test
  void aClassifierIsTrainedOnFeatures() throws IOException {
    Path cache = folder.resolve("cache");
    Path[] models = new Path[2];
    for (int run = 0; run < 2; run++) {
      Path out = folder.resolve("features" + run);
      Path json = folder.resolve("features.json");
      Invocation i =
          Invocation.of(
              words(
                  "transfer --mode features --epochs 15 --classes arrow,ring,heart",
                  "--weights",
                  source,
                  "--data",
                  data,
                  "--cache",
                  cache,
                  "--out",
                  out,
                  "--json",
                  json));
      assertEquals(0, i.exitCode(), i.err());
      assertTrue(i.out().contains("of which 195 learn"), i.out());
      assertEquals(run == 1, i.out().contains("features of train images are those of"), i.out());
      models[run] = out.resolve("model.safetensors");
      JsonNode result = new ObjectMapper().readTree(json.toFile());
      assertEquals(15, result.get("history").size());
      assertEquals(6, result.get("images").asInt());
      double first = result.get("history").get(0).get("loss").asDouble();
      assertTrue(result.get("history").get(14).get("loss").asDouble() < first);
      for (String f : new String[] {"learning-curve.png", "confusion-matrix.png"}) {
        assertTrue(Files.exists(out.resolve(f)), f);
      }
    }
    assertArrayEquals(Files.readAllBytes(models[0]), Files.readAllBytes(models[1]));
    ModelCard card = card(models[0]);
    assertEquals(List.of("arrow", "ring", "heart"), card.classes());
    assertEquals(card(source).preprocessing(), card.preprocessing());
    Map<String, float[]> before = state(source);
    state(models[0])
        .forEach(
            (name, v) ->
                assertEquals(!name.startsWith("fc."), Arrays.equals(before.get(name), v), name));
    Path image;
    try (var files = Files.list(data.resolve("heart"))) {
      image = files.findFirst().orElseThrow();
    }
    Invocation predict = Invocation.of("predict", "--weights", models[0], image);
    assertEquals(0, predict.exitCode(), predict.err());
    assertTrue(predict.out().contains("heart"), predict.out());
  }

  @Test
  void aNetworkIsTunedFromAPartOn() throws IOException {
    Path out = folder.resolve("finetune");
    Object[] options =
        words(
            "transfer --mode finetune --from layer3 --epochs 2 --batch 10 --limit-per-class 10",
            "--images",
            200,
            "--classes",
            "arrow,heart",
            "--weights",
            source,
            "--out",
            out);
    Invocation i = Invocation.of(options);
    assertEquals(0, i.exitCode(), i.err());
    assertTrue(i.out().contains("20 images of 2 classes"), i.out());
    Map<String, float[]> before = state(source);
    byte[] whole = Files.readAllBytes(out.resolve("model.safetensors"));
    state(out.resolve("model.safetensors"))
        .forEach(
            (name, v) -> {
              boolean learns =
                  name.startsWith("fc.") || name.startsWith("layer3") && name.contains("conv");
              assertEquals(learns, !Arrays.equals(before.get(name), v), name);
            });
    Files.delete(out.resolve("model.safetensors"));
    Invocation resumed = Invocation.of("train", "--resume", out);
    assertEquals(0, resumed.exitCode(), resumed.err());
    assertTrue(resumed.out().contains("resumed after 2 epochs"), resumed.out());
    assertArrayEquals(whole, Files.readAllBytes(out.resolve("model.safetensors")));
  }

  /** Where the classes are those of the weights, one run goes on from another. */
  @Test
  void aClassifierForTheSameClassesIsKept() throws IOException {
    Path out = folder.resolve("kept");
    Invocation i =
        Invocation.of(
            words(
                "transfer --mode finetune --epochs 1 --batch 10 --lr 1e-12 --images 100",
                "--classes",
                "star,circle,square",
                "--weights",
                source,
                "--out",
                out));
    assertEquals(0, i.exitCode(), i.err());
    float[] before = state(source).get("fc.weight");
    assertArrayEquals(before, state(out.resolve("model.safetensors")).get("fc.weight"), 1e-6f);
  }

  /** A ResNet-18 with the names and layouts of torchvision's file. */
  @Test
  void publishedWeightsPredictAndTransfer() throws IOException {
    Path pth = folder.resolve("resnet18.pth");
    try (Module m = Models.create("resnet18", 3, Devices.cpu(), 5)) {
      Map<String, Dense> state = new LinkedHashMap<>();
      m.state()
          .forEach(
              (name, t) -> {
                int[] d = t.shape().dims();
                boolean conv = d.length == 4;
                state.put(
                    name,
                    new Dense(
                        conv ? t.toNchw() : t.toArray(),
                        conv ? new int[] {d[0], d[3], d[1], d[2]} : d));
              });
      TorchFiles.zip(pth, state);
    }
    Path names = Files.writeString(folder.resolve("names.txt"), "cat\ndog\nbird\n");
    Path image = data.resolve("circle/0.png");
    Invocation p =
        Invocation.of(
            words("predict --model resnet18 --weights", pth, "--class-names", names, image));
    assertEquals(0, p.exitCode(), p.err());
    assertTrue(p.out().contains("dog") && p.out().contains("bird"), p.out());
    Invocation without = Invocation.of("predict", "--weights", pth, image);
    assertEquals(1, without.exitCode());
    assertTrue(without.err().contains("say with --model"), without.err());

    Path out = folder.resolve("published");
    Invocation t =
        Invocation.of(
            words(
                "transfer --mode features --epochs 2 --model resnet18 --classes ring,heart",
                "--weights",
                pth,
                "--data",
                data,
                "--limit-per-class",
                3,
                "--out",
                out));
    assertEquals(0, t.exitCode(), t.err());
    ModelCard card = card(out.resolve("model.safetensors"));
    assertEquals(new Scaling(256, Scaling.Filter.BILINEAR), card.scaling());
    assertEquals(224, card.imageSize().height());
    Invocation again =
        Invocation.of("predict", "--weights", out.resolve("model.safetensors"), image);
    assertEquals(0, again.exitCode(), again.err());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "transfer --weights w --mode nothing",
        "transfer --weights w",
        "transfer --mode features",
        "transfer --weights w --mode features --from layer3",
        "transfer --weights w --mode finetune --cache c",
        "transfer --weights w --mode finetune --trunk-lr 0",
        "transfer --weights w --mode features --classes one",
        "transfer --weights w --mode features --limit-per-class 0",
        "train --classes a,a",
        "train --limit-per-class -1",
      })
  void wrongUsageIsTwo(String words) {
    Invocation i = Invocation.of(words(words));
    assertEquals(2, i.exitCode(), i.err());
  }

  @Test
  void failuresAreExplained() throws IOException {
    Object[][] calls = {
      {"there is no [moon]", "--mode", "features", "--classes", "moon,ring"},
      {"no part 'layer9'", "--mode", "finetune", "--from", "layer9"},
      {"says itself that it is resnet8", "--mode", "features", "--model", "resnet20"},
    };
    for (Object[] c : calls) {
      Object[] options = Arrays.copyOfRange(c, 1, c.length);
      List<Object> all = new ArrayList<>(List.of("transfer", "--weights", source, "--data", data));
      all.addAll(List.of(options));
      all.addAll(List.of("--out", folder.resolve("failed")));
      Invocation i = Invocation.of(all.toArray());
      assertEquals(1, i.exitCode(), i.out());
      assertTrue(i.err().contains(c[0].toString()), i.err());
      assertFalse(Files.exists(folder.resolve("failed/model.safetensors")));
    }
    Path missing = folder.resolve("missing.pth");
    Invocation i = Invocation.of(words("transfer --mode features --weights", missing));
    assertEquals(1, i.exitCode());
    assertTrue(i.err().contains("there is no file " + missing), i.err());
  }
}
