package dev.tilework.cli;

import dev.tilework.Device;
import dev.tilework.cli.TrainSettings.OptimizerKind;
import dev.tilework.cli.TrainSettings.ScheduleKind;
import dev.tilework.data.Augmentation;
import dev.tilework.models.Models;
import dev.tilework.train.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Trains a network. */
@Command(
    name = "train",
    description = {
      "Train a network on a folder of images, or without --data on generated ones.",
      "Writes model.safetensors, a checkpoint, the learning curve, the confusion matrix and a report."
    })
final class TrainCommand implements Callable<Integer> {
  private static final Set<String> WITH_RESUME =
      Set.of("--resume", "--device", "--json", "--quiet", "--workers", "--verbose", "-D");

  /** Rows up to which images count as small. */
  private static final int SMALL = 64;

  private static final int LARGE_BATCH = 32;

  @Option(
      names = "--data",
      paramLabel = "<folder>",
      description =
          "FOLDER/CLASS/*.jpg or .png, every tenth image of a class kept for validation; or"
              + " FOLDER/train/CLASS with FOLDER/val/CLASS.")
  private Path data;

  @Option(
      names = "--images",
      description =
          "Without --data: generated images to train on (default: "
              + Recipe.SHAPES_TO_LEARN
              + "), and a third as many to validate with.")
  private int images = Recipe.SHAPES_TO_LEARN;

  @Mixin private Selection.Options selection;

  @Option(
      names = "--model",
      converter = ModelOption.Known.class,
      completionCandidates = ModelOption.Names.class,
      paramLabel = "<name>",
      description = "The network, see 'tilework models'.")
  private String model;

  @Option(
      names = "--image-size",
      paramLabel = "<pixels>",
      description = "Rows and columns to scale images to (default: those the model is made for).")
  private Integer imageSize;

  @Option(names = "--epochs", description = "Passes over the images.")
  private Integer epochs;

  @Option(names = "--batch", description = "Images a step.")
  private Integer batch;

  @Option(
      names = "--optimizer",
      defaultValue = "SGD",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private OptimizerKind optimizer;

  @Option(
      names = "--schedule",
      defaultValue = "ONECYCLE",
      description = "Of the learning rate: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private ScheduleKind schedule;

  @Option(
      names = "--lr",
      paramLabel = "<rate>",
      description =
          "The highest learning rate. For SGD the default below is for the batch below and changes"
              + " in proportion to it, a tenth of that without batch normalization; for Adam and"
              + " AdamW: 0.001.")
  private Float rate;

  @Option(
      names = "--momentum",
      defaultValue = "0.9",
      description = "Of SGD, by Nesterov (default: ${DEFAULT-VALUE}).")
  private float momentum;

  @Option(
      names = "--weight-decay",
      defaultValue = "0.0005",
      description = "Default: ${DEFAULT-VALUE}.")
  private float weightDecay;

  @Option(
      names = "--label-smoothing",
      defaultValue = "0",
      description = "Share of the target spread over all classes (default: ${DEFAULT-VALUE}).")
  private float labelSmoothing;

  @Option(names = "--no-augment", description = "The same as --augment none.")
  private boolean noAugment;

  @ArgGroup(validate = false, heading = AugmentOptions.HEADING)
  private AugmentOptions augment = new AugmentOptions();

  @Option(
      names = "--patience",
      defaultValue = "0",
      description = "Stop after so many epochs without progress; 0: never (default).")
  private int patience;

  @Option(names = "--seed", defaultValue = "1", description = "Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--workers",
      paramLabel = "<threads>",
      description = "Threads that decode images (default: one a processor, at most 8).")
  private Integer workers;

  @Option(
      names = "--out",
      paramLabel = "<folder>",
      description = "Where to write (default: a new folder in runs).")
  private Path out;

  @Option(
      names = "--resume",
      paramLabel = "<folder>",
      description = "Go on with the run in this folder, with its settings.")
  private Path resume;

  @Option(names = "--quiet", description = "Print nothing but errors.")
  private boolean quiet;

  @Mixin private DeviceOption deviceOption;
  @Mixin private JsonFile json;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    TrainSettings settings;
    Path folder;
    if (resume == null) {
      settings = settings();
      folder = out == null ? newFolder(settings) : out;
    } else {
      requireNothingElse();
      settings = TrainSettings.load(resume);
      folder = resume;
    }
    Device device = deviceOption.use();
    int threads =
        workers == null ? Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 8) : workers;
    TrainRun run =
        new TrainRun(settings, folder, device, threads, spec.commandLine().getOut(), quiet);
    json.write(run.run(resume != null));
    return 0;
  }

  /** The defaults that depend on the data, for {@code --help}. */
  static String defaults() {
    return "%nDefaults with --data: "
        + words(Recipe.SMALL_PHOTOGRAPHS)
        + " (batch "
        + LARGE_BATCH
        + " for images larger than "
        + SMALL
        + " pixels).%nDefaults for generated images: "
        + words(Recipe.SHAPES)
        + ".";
  }

  private static String words(Recipe r) {
    return "--model "
        + r.model()
        + " --epochs "
        + r.epochs()
        + " --batch "
        + r.batchSize()
        + " --lr "
        + r.rate();
  }

  private TrainSettings settings() {
    boolean generated = data == null;
    Recipe recipe = generated ? Recipe.SHAPES : Recipe.SMALL_PHOTOGRAPHS;
    String name = model == null ? recipe.model() : model;
    int size = imageSize == null ? Models.inputSize(name) : imageSize;
    int passes = epochs == null ? recipe.epochs() : epochs;
    int perStep = batch != null ? batch : size <= SMALL ? recipe.batchSize() : LARGE_BATCH;
    require(images >= 10, "--images " + images + ", expected at least 10");
    require(size >= 8, "--image-size " + size + ", expected at least 8");
    require(passes >= 1, "--epochs " + passes + ", expected at least 1");
    require(perStep >= 1, "--batch " + perStep + ", expected at least 1");
    require(workers == null || workers >= 1, "--workers " + workers + ", expected at least 1");
    require(patience >= 0, "--patience " + patience + ", expected at least 0");
    require(
        rate == null || rate > 0 && Float.isFinite(rate), "--lr " + rate + ", expected above 0");
    require(momentum >= 0 && momentum < 1, "--momentum " + momentum + ", expected 0 to below 1");
    require(
        weightDecay >= 0 && Float.isFinite(weightDecay),
        "--weight-decay " + weightDecay + ", expected at least 0");
    require(
        labelSmoothing >= 0 && labelSmoothing < 1,
        "--label-smoothing " + labelSmoothing + ", expected 0 to below 1");
    require(!(noAugment && augment.namesPolicy()), "--no-augment, but also --augment");
    return new TrainSettings(
        generated ? null : data.toAbsolutePath().normalize().toString(),
        images,
        name,
        size,
        passes,
        perStep,
        optimizer,
        schedule,
        rate != null ? rate : defaultRate(recipe, name, perStep),
        recipe.rise(),
        momentum,
        weightDecay,
        labelSmoothing,
        augment.of(noAugment ? Augmentation.NONE : recipe.augmentation(), size, spec),
        seed,
        patience,
        selection.of(spec),
        null);
  }

  /**
   * In proportion to the batch: Goyal et al., "Accurate, Large Minibatch SGD", 2017. Networks
   * without batch normalization diverge at the rates of those with.
   */
  private float defaultRate(Recipe recipe, String name, int batchSize) {
    if (optimizer != OptimizerKind.SGD) {
      return 0.001f;
    }
    boolean normalized = !name.startsWith("vgg") || name.endsWith("_bn");
    return recipe.rate() * batchSize / recipe.batchSize() * (normalized ? 1 : 0.1f);
  }

  private void requireNothingElse() {
    List<String> others =
        spec.commandLine().getParseResult().matchedOptions().stream()
            .map(OptionSpec::longestName)
            .filter(n -> !WITH_RESUME.contains(n))
            .toList();
    require(
        others.isEmpty(),
        "--resume goes on with the settings of the run; " + others + " cannot be given with it");
  }

  private void require(boolean condition, String message) {
    if (!condition) {
      throw new ParameterException(spec.commandLine(), message);
    }
  }

  /** {@code runs/DATA-MODEL} and what is transferred, with a number where that is taken. */
  static Path newFolder(TrainSettings s) {
    String source = s.data() == null ? "shapes" : Path.of(s.data()).getFileName().toString();
    String name =
        source
            + "-"
            + s.model()
            + (s.transfer() == null
                ? ""
                : "-" + s.transfer().mode().name().toLowerCase(Locale.ROOT));
    Path folder = Path.of("runs", name);
    for (int i = 2; Files.exists(folder); i++) {
      folder = Path.of("runs", name + "-" + i);
    }
    return folder;
  }
}
