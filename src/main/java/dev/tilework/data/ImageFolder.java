package dev.tilework.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Images in files: {@code FOLDER/CLASS/NAME.jpg}, {@code .jpeg} or {@code .png}. Classes and the
 * files of a class are in name order; names that begin with a dot are passed over.
 *
 * <p>A file that cannot be decoded is noticed when it is first read; see {@link #skipped}.
 */
public final class ImageFolder implements Dataset {
  private static final List<String> ENDINGS = List.of(".jpg", ".jpeg", ".png");
  private static final System.Logger LOG = System.getLogger("dev.tilework.data");

  private final List<String> classes;
  private final List<Path> files = new ArrayList<>();
  private final List<Integer> labels = new ArrayList<>();
  private final ImageSize size;
  private final Scaling scaling;
  private final Map<String, String> skipped = new ConcurrentSkipListMap<>();

  private ImageFolder(List<String> classes, ImageSize size, Scaling scaling) {
    this.classes = classes;
    this.size = size;
    this.scaling = scaling;
  }

  /**
   * Lists a folder; every folder in it is a class.
   *
   * @param size to which images are scaled and cut; see {@link ImageFiles}
   * @throws IllegalArgumentException when there are fewer than two classes, or one has no image
   * @throws UncheckedIOException when the folder cannot be listed
   */
  public static ImageFolder open(Path folder, ImageSize size) {
    return open(folder, size, (Scaling) null);
  }

  /**
   * Lists a folder whose images are scaled and cut as a network expects it; the normalization is
   * the loader's, see {@link DataLoader.Options#evaluation}.
   *
   * @throws IllegalArgumentException when there are fewer than two classes, or one has no image
   * @throws UncheckedIOException when the folder cannot be listed
   */
  public static ImageFolder open(Path folder, Preprocessing preprocessing) {
    return open(folder, preprocessing.imageSize(), preprocessing.scaling());
  }

  private static ImageFolder open(Path folder, ImageSize size, Scaling scaling) {
    List<Path> folders = list(folder, Files::isDirectory);
    if (folders.size() < 2) {
      throw new IllegalArgumentException(
          folder
              + " has "
              + (folders.isEmpty() ? "no class folder" : "the one class " + folders.getFirst())
              + "; expected FOLDER/CLASS/*.jpg|jpeg|png with at least two classes");
    }
    return new ImageFolder(folders.stream().map(ImageFolder::name).toList(), size, scaling)
        .addAll(folders, true);
  }

  /**
   * Lists a folder whose classes are known, such as a validation folder; it need not have all of
   * them.
   *
   * @throws IllegalArgumentException when it has another class, or no image at all
   * @throws UncheckedIOException when the folder cannot be listed
   */
  public static ImageFolder open(Path folder, ImageSize size, List<String> classes) {
    return open(folder, size, null, classes);
  }

  /**
   * Lists a folder of known classes whose images are scaled and cut as a network expects it.
   *
   * @throws IllegalArgumentException when it has another class, or no image at all
   * @throws UncheckedIOException when the folder cannot be listed
   */
  public static ImageFolder open(Path folder, Preprocessing preprocessing, List<String> classes) {
    return open(folder, preprocessing.imageSize(), preprocessing.scaling(), classes);
  }

  private static ImageFolder open(
      Path folder, ImageSize size, Scaling scaling, List<String> classes) {
    ImageFolder data = new ImageFolder(List.copyOf(classes), size, scaling);
    data.addAll(list(folder, Files::isDirectory), false);
    if (data.files.isEmpty()) {
      throw new IllegalArgumentException(
          folder + " has no image; expected FOLDER/CLASS/*.jpg|jpeg|png with classes " + classes);
    }
    return data;
  }

  private ImageFolder addAll(List<Path> folders, boolean imagesNeeded) {
    for (Path f : folders) {
      int label = classes.indexOf(name(f));
      if (label < 0) {
        throw new IllegalArgumentException(f + " is not one of the classes " + classes);
      }
      List<Path> images = list(f, ImageFolder::isImage);
      if (images.isEmpty() && imagesNeeded) {
        throw new IllegalArgumentException(f + " has no image; expected *.jpg|jpeg|png");
      }
      files.addAll(images);
      labels.addAll(Collections.nCopies(images.size(), label));
    }
    return this;
  }

  private static List<Path> list(Path folder, Predicate<Path> wanted) {
    try {
      if (!Files.isDirectory(folder)) {
        throw new NotDirectoryException(folder + " is not a folder");
      }
      try (Stream<Path> entries = Files.list(folder)) {
        return entries
            .filter(p -> !name(p).startsWith(".") && wanted.test(p))
            .sorted(java.util.Comparator.comparing(ImageFolder::name))
            .toList();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isImage(Path p) {
    String name = name(p).toLowerCase(Locale.ROOT);
    return ENDINGS.stream().anyMatch(name::endsWith) && Files.isRegularFile(p);
  }

  private static String name(Path p) {
    return p.getFileName().toString();
  }

  @Override
  public int size() {
    return files.size();
  }

  @Override
  public List<String> classes() {
    return classes;
  }

  @Override
  public ImageSize imageSize() {
    return size;
  }

  @Override
  public int label(int index) {
    return labels.get(index);
  }

  @Override
  public Sample sample(int index) {
    Path file = files.get(index);
    try {
      return new Sample(ImageFiles.read(file, size, scaling), labels.get(index));
    } catch (CorruptImageException e) {
      if (skipped.put(file.toString(), e.reason()) == null) {
        LOG.log(System.Logger.Level.WARNING, "skipped " + e.getMessage());
      }
      throw e;
    }
  }

  @Override
  public String name(int index) {
    return files.get(index).toString();
  }

  /** The files that could not be decoded so far, and why, in name order. */
  public Map<String, String> skipped() {
    return Collections.unmodifiableMap(skipped);
  }
}
