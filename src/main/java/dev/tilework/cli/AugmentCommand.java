package dev.tilework.cli;

import dev.tilework.Device;
import dev.tilework.data.Augmentation;
import dev.tilework.data.Dataset;
import dev.tilework.data.GeneratedShapes;
import dev.tilework.data.ImageSize;
import dev.tilework.data.Normalization;
import dev.tilework.data.Subset;
import dev.tilework.train.Recipe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Shows what random changes make of images. */
@Command(
    name = "augment",
    description = {
      "Write a picture of images beside what random changes make of them.",
      "Without --data they are generated ones."
    })
final class AugmentCommand implements Callable<Integer> {
  /** Images whose statistics stand for all in the normalization, as in a training. */
  private static final int NORMALIZATION_SAMPLES = 2000;

  private static final int GENERATED = 200;

  @Option(
      names = "--data",
      paramLabel = "<folder>",
      description = "FOLDER/CLASS/*.jpg or .png, or FOLDER/train/CLASS.")
  private Path data;

  @Option(
      names = "--image-size",
      paramLabel = "<pixels>",
      defaultValue = "32",
      description = "Rows and columns to scale images to (default: ${DEFAULT-VALUE}).")
  private int imageSize;

  @Option(
      names = "--rows",
      defaultValue = "6",
      description = "Images, of all classes in turn (default: ${DEFAULT-VALUE}).")
  private int rows;

  @Option(
      names = "--columns",
      defaultValue = "8",
      description = "Changed images beside each (default: ${DEFAULT-VALUE}).")
  private int columns;

  @Option(names = "--seed", defaultValue = "1", description = "Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--out",
      paramLabel = "<file>",
      required = true,
      description = "The picture, a PNG file.")
  private Path out;

  @ArgGroup(validate = false, heading = AugmentOptions.HEADING)
  private AugmentOptions augment = new AugmentOptions();

  @Mixin private DeviceOption deviceOption;
  @Mixin private JsonFile json;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    require(imageSize >= 8, "--image-size " + imageSize + ", expected at least 8");
    require(rows >= 1 && rows <= 100, "--rows " + rows + ", expected 1 to 100");
    require(columns >= 1 && columns <= 100, "--columns " + columns + ", expected 1 to 100");
    Recipe recipe = data == null ? Recipe.SHAPES : Recipe.SMALL_PHOTOGRAPHS;
    Augmentation a = augment.of(recipe.augmentation(), imageSize, spec);
    Device device = deviceOption.use();
    Dataset images =
        data == null
            ? new GeneratedShapes(GENERATED, imageSize, seed)
            : DataFolder.training(data, ImageSize.square(imageSize)).split().train();
    Normalization n = Normalization.of(images, NORMALIZATION_SAMPLES);
    Dataset shown = new Subset(images, ofAllClasses(images));
    ContactSheet.of(shown, a, n, seed, columns, device).write(out);
    spec.commandLine().getOut().println(a + "\nwritten to " + out);
    spec.commandLine().getOut().flush();
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("device", device.name());
    result.put("seed", seed);
    result.put("images", IntStream.range(0, shown.size()).mapToObj(shown::name).toList());
    result.put("augmentation", a);
    result.put("file", out.toString());
    json.write(result);
    return 0;
  }

  /** The first image of each class, then the second of each, and so on. */
  private int[] ofAllClasses(Dataset images) {
    int[] seen = new int[images.classes().size()];
    int[] turn = new int[images.size()];
    for (int i = 0; i < turn.length; i++) {
      turn[i] = seen[images.label(i)]++;
    }
    return IntStream.range(0, turn.length)
        .boxed()
        .sorted((i, j) -> Integer.compare(turn[i], turn[j]))
        .limit(rows)
        .mapToInt(i -> i)
        .toArray();
  }

  private void require(boolean condition, String message) {
    if (!condition) {
      throw new ParameterException(spec.commandLine(), message);
    }
  }
}
