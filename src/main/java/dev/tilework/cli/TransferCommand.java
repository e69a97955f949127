package dev.tilework.cli;

import dev.tilework.Device;
import dev.tilework.cli.TrainSettings.OptimizerKind;
import dev.tilework.cli.TrainSettings.ScheduleKind;
import dev.tilework.data.Augmentation;
import dev.tilework.train.ModelCard;
import dev.tilework.train.Recipe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Trains a network that has learned one task for another. */
@Command(
    name = "transfer",
    description = {
      "Train a network that was trained before for other classes.",
      "--mode features computes once what the network makes of each image and trains a new"
          + " classifier on that: seconds to minutes, for few images. --mode finetune trains the"
          + " classifier and, at a lower rate, the network below it, from --from on.",
      "Where the classes are those of the weights, their classifier is kept.",
      "Writes what 'tilework train' writes; 'tilework train --resume' goes on with a run that was"
          + " stopped."
    })
final class TransferCommand implements Callable<Integer> {
  private static final int FEATURE_EPOCHS = 60;
  private static final int FEATURE_BATCH = 64;
  private static final float FEATURE_RATE = 0.003f;
  private static final int FINETUNE_EPOCHS = 20;
  private static final int FINETUNE_BATCH = 32;
  private static final float FINETUNE_RATE = 0.02f;

  @Mixin private WeightsOption weights;

  @Option(
      names = "--data",
      paramLabel = "<folder>",
      description =
          "FOLDER/CLASS/*.jpg or .png, every tenth image of a class kept for validation; or"
              + " FOLDER/train/CLASS with FOLDER/val/CLASS. Without it: generated images.")
  private Path data;

  @Option(
      names = "--images",
      defaultValue = "6000",
      description =
          "Without --data: generated images to choose from (default: ${DEFAULT-VALUE}), and a third"
              + " as many to validate with.")
  private int images;

  @Mixin private Selection.Options selection;

  @Option(names = "--mode", required = true, description = "What learns: ${COMPLETION-CANDIDATES}.")
  private TransferSettings.Mode mode;

  @Option(
      names = "--from",
      paramLabel = "<part>",
      description =
          "With finetune: the first part that learns, as in layer4 or features.24; what is below"
              + " stays as it is (default: all learns).")
  private String from;

  @Option(
      names = "--trunk-lr",
      defaultValue = "0.1",
      paramLabel = "<factor>",
      description =
          "With finetune: the part of the learning rate below the classifier (default:"
              + " ${DEFAULT-VALUE}).")
  private float trunkRate;

  @Option(
      names = "--train-batch-norm",
      description =
          "With finetune: let batch normalizations learn; else they keep the statistics, scales and"
              + " shifts of the weights.")
  private boolean trainBatchNorm;

  @Option(
      names = "--cache",
      paramLabel = "<folder>",
      description = "With features: keep them there, for further runs on the same images.")
  private Path cache;

  @Option(
      names = "--epochs",
      description =
          "Passes over the images (default: "
              + FEATURE_EPOCHS
              + " with features, "
              + FINETUNE_EPOCHS
              + " with finetune).")
  private Integer epochs;

  @Option(
      names = "--batch",
      description = "Images a step (default: " + FEATURE_BATCH + ", " + FINETUNE_BATCH + ").")
  private Integer batch;

  @Option(
      names = "--lr",
      paramLabel = "<rate>",
      description =
          "The highest learning rate (default: "
              + FEATURE_RATE
              + " of Adam with features, "
              + FINETUNE_RATE
              + " of SGD with finetune).")
  private Float rate;

  @Option(
      names = "--weight-decay",
      defaultValue = "0.0005",
      description = "Default: ${DEFAULT-VALUE}.")
  private float weightDecay;

  @ArgGroup(validate = false, heading = AugmentOptions.HEADING)
  private AugmentOptions augment = new AugmentOptions();

  @Option(
      names = "--patience",
      defaultValue = "0",
      description =
          "With finetune: stop after so many epochs without progress; 0: never (default).")
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

  @Option(names = "--quiet", description = "Print nothing but errors.")
  private boolean quiet;

  @Mixin private DeviceOption deviceOption;
  @Mixin private JsonFile json;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    Selection chosen = selection.of(spec);
    check();
    Device device = deviceOption.use();
    ModelCard card = weights.card();
    TrainSettings settings = settings(card, chosen);
    Path folder = out == null ? TrainCommand.newFolder(settings) : out;
    int threads =
        workers == null ? Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 8) : workers;
    TrainRun run =
        new TrainRun(settings, folder, device, threads, spec.commandLine().getOut(), quiet);
    json.write(run.run(false));
    return 0;
  }

  private void check() {
    boolean onFeatures = mode == TransferSettings.Mode.FEATURES;
    require(
        !onFeatures || from == null && !trainBatchNorm && patience == 0,
        "--from, --train-batch-norm and --patience are for --mode finetune");
    require(onFeatures || cache == null, "--cache is for --mode features");
    require(images >= 10, "--images " + images + ", expected at least 10");
    require(epochs == null || epochs >= 1, "--epochs " + epochs + ", expected at least 1");
    require(batch == null || batch >= 1, "--batch " + batch + ", expected at least 1");
    require(workers == null || workers >= 1, "--workers " + workers + ", expected at least 1");
    require(patience >= 0, "--patience " + patience + ", expected at least 0");
    require(
        rate == null || rate > 0 && Float.isFinite(rate), "--lr " + rate + ", expected above 0");
    require(
        trunkRate > 0 && Float.isFinite(trunkRate),
        "--trunk-lr " + trunkRate + ", expected above 0");
    require(
        weightDecay >= 0 && Float.isFinite(weightDecay),
        "--weight-decay " + weightDecay + ", expected at least 0");
  }

  private TrainSettings settings(ModelCard card, Selection chosen) {
    boolean onFeatures = mode == TransferSettings.Mode.FEATURES;
    int size = card.imageSize().height();
    Augmentation usual = (data == null ? Recipe.SHAPES : Recipe.SMALL_PHOTOGRAPHS).augmentation();
    Augmentation changes = augment.of(onFeatures ? Augmentation.NONE : usual, size, spec);
    require(
        !onFeatures || changes.equals(Augmentation.NONE),
        "--mode features computes the features of each image once, so images cannot be changed at"
            + " random");
    return new TrainSettings(
        data == null ? null : absolute(data),
        images,
        card.model(),
        size,
        or(epochs, onFeatures ? FEATURE_EPOCHS : FINETUNE_EPOCHS),
        or(batch, onFeatures ? FEATURE_BATCH : FINETUNE_BATCH),
        onFeatures ? OptimizerKind.ADAMW : OptimizerKind.SGD,
        onFeatures ? ScheduleKind.COSINE : ScheduleKind.ONECYCLE,
        rate != null ? rate : onFeatures ? FEATURE_RATE : FINETUNE_RATE,
        Recipe.SMALL_PHOTOGRAPHS.rise(),
        0.9f,
        weightDecay,
        0,
        changes,
        seed,
        patience,
        chosen,
        new TransferSettings(
            absolute(weights.file()),
            card.model(),
            mode,
            from,
            trunkRate,
            trainBatchNorm,
            cache == null ? null : absolute(cache)));
  }

  private static int or(Integer given, int standard) {
    return given == null ? standard : given;
  }

  private static String absolute(Path p) {
    return p.toAbsolutePath().normalize().toString();
  }

  private void require(boolean condition, String message) {
    if (!condition) {
      throw new ParameterException(spec.commandLine(), message);
    }
  }
}
