package dev.tilework.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageFolderTest {
  private static final ImageSize SIZE = ImageSize.square(8);

  @TempDir Path folder;

  private void fill(String name, int images) throws IOException {
    for (int i = 0; i < images; i++) {
      Pictures.plain(folder.resolve(name).resolve("%03d.png".formatted(i)), 8, 8, i);
    }
  }

  @Test
  void classesAndFilesAreInNameOrder() throws Exception {
    Pictures.plain(folder.resolve("dog/b.JPG"), 8, 8, 0);
    Pictures.plain(folder.resolve("dog/a.jpeg"), 8, 8, 0);
    Pictures.plain(folder.resolve("cat/z.png"), 8, 8, 0x010203);
    Files.writeString(folder.resolve("cat/notes.txt"), "no image");
    Files.writeString(folder.resolve("cat/.hidden.png"), "no image");
    Files.createDirectory(folder.resolve(".hidden"));
    Files.writeString(folder.resolve("README"), "no class");
    ImageFolder data = ImageFolder.open(folder, SIZE);
    assertEquals(List.of("cat", "dog"), data.classes());
    assertEquals(3, data.size());
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      names.add(data.label(i) + " " + folder.relativize(Path.of(data.name(i))));
    }
    assertEquals(
        List.of(
            "0 " + Path.of("cat/z.png"), "1 " + Path.of("dog/a.jpeg"), "1 " + Path.of("dog/b.JPG")),
        names);
    Sample s = data.sample(0);
    assertEquals(0, s.label());
    assertEquals(
        List.of(1, 2, 3), List.of((int) s.pixels()[0], (int) s.pixels()[1], (int) s.pixels()[2]));
  }

  @Test
  void everyKthFileOfAClassIsForValidation() throws Exception {
    fill("a", 7);
    fill("b", 3);
    Split split = Split.everyKth(ImageFolder.open(folder, SIZE), 3);
    assertEquals(7, split.train().size());
    assertEquals(3, split.validation().size());
    List<String> held = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      held.add(Path.of(split.validation().name(i)).getFileName().toString());
      assertEquals(i < 2 ? 0 : 1, split.validation().label(i));
      assertEquals(split.validation().label(i), split.validation().sample(i).label());
    }
    assertEquals(List.of("002.png", "005.png", "002.png"), held);
  }

  @Test
  void aSplitWithoutValidationIsAnError() throws Exception {
    fill("a", 4);
    fill("b", 4);
    ImageFolder data = ImageFolder.open(folder, SIZE);
    Exception e = assertThrows(IllegalArgumentException.class, () -> Split.everyKth(data, 10));
    assertTrue(e.getMessage().contains("no class has 10 images"), e.getMessage());
    assertThrows(IllegalArgumentException.class, () -> Split.everyKth(data, 1));
  }

  @Test
  void emptyAndMissingFoldersAreErrors() {
    Exception e =
        assertThrows(IllegalArgumentException.class, () -> ImageFolder.open(folder, SIZE));
    assertTrue(e.getMessage().contains("no class folder"), e.getMessage());
    Path missing = folder.resolve("missing");
    e = assertThrows(UncheckedIOException.class, () -> ImageFolder.open(missing, SIZE));
    assertTrue(e.getMessage().contains(missing.toString()), e.getMessage());
  }

  @Test
  void aSingleClassIsAnError() throws Exception {
    fill("only", 3);
    Exception e =
        assertThrows(IllegalArgumentException.class, () -> ImageFolder.open(folder, SIZE));
    assertTrue(e.getMessage().contains("only") && e.getMessage().contains("at least two"));
  }

  @Test
  void aClassWithoutImagesIsAnError() throws Exception {
    fill("a", 1);
    Files.createDirectory(folder.resolve("b"));
    Exception e =
        assertThrows(IllegalArgumentException.class, () -> ImageFolder.open(folder, SIZE));
    assertTrue(e.getMessage().contains(folder.resolve("b").toString()), e.getMessage());
  }

  @Test
  void aValidationFolderTakesTheClassesOfTraining() throws Exception {
    fill("b", 2);
    ImageFolder data = ImageFolder.open(folder, SIZE, List.of("a", "b", "c"));
    assertEquals(2, data.size());
    assertEquals(1, data.label(0));
    fill("d", 1);
    Exception e =
        assertThrows(
            IllegalArgumentException.class,
            () -> ImageFolder.open(folder, SIZE, List.of("a", "b", "c")));
    assertTrue(e.getMessage().contains("not one of the classes"), e.getMessage());
  }

  @Test
  void aValidationFolderWithoutImagesIsAnError() {
    assertThrows(
        IllegalArgumentException.class, () -> ImageFolder.open(folder, SIZE, List.of("a", "b")));
  }

  @Test
  void corruptFilesAreSkippedAndNamed() throws Exception {
    fill("a", 5);
    fill("b", 5);
    Path bad = Files.writeString(folder.resolve("a/001.png"), "broken");
    Path cut = folder.resolve("b/004.png");
    Files.write(cut, java.util.Arrays.copyOf(Files.readAllBytes(cut), 40));
    ImageFolder data = ImageFolder.open(folder, SIZE);
    for (Dataset d : List.of(data, data.cached(1 << 20))) {
      try (DataLoader loader =
          new DataLoader(d, DataLoader.Options.evaluation(4, Normalization.IMAGENET))) {
        for (int epoch = 0; epoch < 2; epoch++) {
          List<Integer> seen = new ArrayList<>();
          loader
              .epoch(epoch)
              .forEachRemaining(
                  b -> {
                    for (int i = 0; i < b.size(); i++) {
                      seen.add(b.samples()[i]);
                      assertEquals(d.label(b.samples()[i]), b.labels()[i]);
                    }
                  });
          assertEquals(List.of(0, 2, 3, 4, 5, 6, 7, 8), seen);
        }
      }
    }
    assertEquals(List.of(bad.toString(), cut.toString()), List.copyOf(data.skipped().keySet()));
    data.skipped().values().forEach(reason -> assertTrue(!reason.isBlank()));
  }

  @Test
  void aBatchOfCorruptFilesIsPassedOver() throws Exception {
    fill("a", 4);
    fill("b", 4);
    for (int i = 2; i < 4; i++) {
      Files.writeString(folder.resolve("a/00" + i + ".png"), "broken");
    }
    try (DataLoader loader =
        new DataLoader(
            ImageFolder.open(folder, SIZE),
            DataLoader.Options.evaluation(2, Normalization.IMAGENET))) {
      List<Integer> indices = new ArrayList<>();
      loader.epoch(0).forEachRemaining(b -> indices.add(b.index()));
      assertEquals(List.of(0, 2, 3), indices);
    }
  }
}
