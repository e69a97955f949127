package dev.tilework.cli;

import dev.tilework.data.Dataset;
import dev.tilework.data.ImageFolder;
import dev.tilework.data.ImageSize;
import dev.tilework.data.Preprocessing;
import dev.tilework.data.Split;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A user's images: {@code FOLDER/CLASS/*.jpg}, or {@code FOLDER/train/CLASS} and perhaps {@code
 * FOLDER/val/CLASS}. Decoded images are kept in memory where a quarter of the heap has room for
 * them.
 */
final class DataFolder {
  /** Without a folder for validation, every tenth image of a class is kept from training. */
  private static final int VALIDATION = 10;

  private static final int NAMED = 10;

  private final List<ImageFolder> sources;
  private final Split split;

  private DataFolder(List<ImageFolder> sources, Split split) {
    this.sources = sources;
    this.split = split;
  }

  /** All images, to train on and to validate with, scaled until they just cover the size. */
  static DataFolder training(Path folder, ImageSize size) {
    return training(folder, size, null, new Selection(null, 0));
  }

  /**
   * Images to train on and to validate with.
   *
   * @param size of the images where nothing else is known of how they are prepared
   * @param preprocessing that a trained network expects; null for none
   */
  static DataFolder training(
      Path folder, ImageSize size, Preprocessing preprocessing, Selection selection) {
    requireFolder(folder);
    Path train = Files.isDirectory(folder.resolve("train")) ? folder.resolve("train") : folder;
    Path val = folder.resolve("val");
    ImageFolder images =
        preprocessing == null
            ? ImageFolder.open(train, size)
            : ImageFolder.open(train, preprocessing);
    if (train.equals(folder) || !Files.isDirectory(val)) {
      return of(List.of(images), selection.of(Split.everyKth(images, VALIDATION)));
    }
    ImageFolder validation =
        preprocessing == null
            ? ImageFolder.open(val, size, images.classes())
            : ImageFolder.open(val, preprocessing, images.classes());
    return of(List.of(images, validation), selection.of(new Split(images, validation)));
  }

  private static DataFolder of(List<ImageFolder> sources, Split s) {
    return new DataFolder(sources, new Split(cached(s.train()), cached(s.validation())));
  }

  /** Images to evaluate on: those of {@code FOLDER/val} where there is one, else of the folder. */
  static ImageFolder evaluation(Path folder, Preprocessing preprocessing, List<String> classes) {
    requireFolder(folder);
    Path val = folder.resolve("val");
    return ImageFolder.open(Files.isDirectory(val) ? val : folder, preprocessing, classes);
  }

  private static void requireFolder(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new UserError("there is no folder " + folder);
    }
  }

  private static Dataset cached(Dataset data) {
    return data.cached(Runtime.getRuntime().maxMemory() / 4);
  }

  Split split() {
    return split;
  }

  /** The files that could not be decoded so far, and why. */
  Map<String, String> skipped() {
    Map<String, String> all = new LinkedHashMap<>();
    sources.forEach(s -> all.putAll(s.skipped()));
    return all;
  }

  /** Tells how many images were skipped and which. */
  static void report(PrintWriter out, Map<String, String> skipped) {
    if (skipped.isEmpty()) {
      return;
    }
    out.println(
        skipped.size() + (skipped.size() == 1 ? " image was" : " images were") + " skipped:");
    skipped.entrySet().stream()
        .limit(NAMED)
        .forEach(e -> out.println("  " + e.getKey() + ": " + e.getValue()));
    if (skipped.size() > NAMED) {
      out.println("  and " + (skipped.size() - NAMED) + " more");
    }
  }
}
