package dev.tilework.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.tilework.data.Augmentation;
import dev.tilework.nn.Module;
import dev.tilework.train.Adam;
import dev.tilework.train.Optimizer;
import dev.tilework.train.ParameterGroup;
import dev.tilework.train.Schedule;
import dev.tilework.train.Sgd;
import dev.tilework.train.WeightDecay;
import dev.tilework.transfer.Transfer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * All that decides a training run's result, defaults filled in. It is kept in the run's folder, so
 * that a resumed run needs nothing but the folder.
 *
 * @param data the folder of images, or null for generated ones
 * @param images the generated images to train on
 * @param model the network's name
 * @param imageSize rows and columns
 * @param epochs passes over the images
 * @param batch images a step
 * @param optimizer its kind
 * @param schedule of the learning rate
 * @param rate the highest learning rate
 * @param rise the share of the steps in which the one-cycle rate rises
 * @param momentum of SGD
 * @param weightDecay on weights, not on biases and normalizations
 * @param labelSmoothing the share of the target spread over all classes
 * @param augmentation random changes of the training images
 * @param seed of weights, order and augmentation
 * @param patience epochs without progress until an early stop; 0 for none
 * @param selection of classes and images
 * @param transfer what is taken over from a trained network; null for nothing
 */
record TrainSettings(
    String data,
    int images,
    String model,
    int imageSize,
    int epochs,
    int batch,
    OptimizerKind optimizer,
    ScheduleKind schedule,
    float rate,
    float rise,
    float momentum,
    float weightDecay,
    float labelSmoothing,
    Augmentation augmentation,
    long seed,
    int patience,
    Selection selection,
    TransferSettings transfer) {
  private static final String FILE = "settings.json";
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /** The optimizers. */
  enum OptimizerKind {
    SGD,
    ADAM,
    ADAMW
  }

  /** The schedules. */
  enum ScheduleKind {
    CONSTANT,
    STEP,
    COSINE,
    ONECYCLE
  }

  /** Runs that were saved before there was a selection have all images. */
  TrainSettings {
    selection = selection == null ? new Selection(null, 0) : selection;
  }

  Optimizer optimizerOf(Module network) {
    WeightDecay decay = WeightDecay.of(weightDecay);
    List<ParameterGroup> groups =
        transfer == null
            ? List.of(ParameterGroup.of(network.parameters(), decay))
            : Transfer.groups(network, transfer.trunkRate(), decay);
    return switch (optimizer) {
      case SGD -> new Sgd(groups, momentum, momentum > 0);
      case ADAM -> new Adam(groups, 0.9f, 0.999f, 1e-8f, false);
      case ADAMW -> new Adam(groups, 0.9f, 0.999f, 1e-8f, true);
    };
  }

  Schedule scheduleOf(long stepsPerEpoch) {
    long steps = Math.max(1, stepsPerEpoch * epochs);
    return switch (schedule) {
      case CONSTANT -> new Schedule.Constant(rate);
      case STEP -> new Schedule.Step(rate, Math.max(1, (steps + 2) / 3), 0.1f);
      case COSINE -> new Schedule.Cosine(rate, 0, Math.min(stepsPerEpoch, steps / 10), steps);
      case ONECYCLE -> new Schedule.OneCycle(rate, steps, rise);
    };
  }

  void save(Path folder) throws IOException {
    Files.createDirectories(folder);
    Files.write(folder.resolve(FILE), JSON.writeValueAsBytes(this));
  }

  static TrainSettings load(Path folder) {
    Path file = folder.resolve(FILE);
    if (!Files.isRegularFile(file)) {
      throw new UserError("there is no run to resume in " + folder + ": it has no " + FILE);
    }
    try {
      return JSON.readValue(file.toFile(), TrainSettings.class);
    } catch (IOException e) {
      throw new UserError("cannot read " + file + ": " + e.getMessage(), e);
    }
  }
}
