package dev.tilework.cli;

import dev.tilework.Device;
import dev.tilework.data.DataLoader;
import dev.tilework.data.ImageFolder;
import dev.tilework.metrics.Charts;
import dev.tilework.metrics.EvaluationReport;
import dev.tilework.metrics.Predictions;
import dev.tilework.train.Evaluation;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures a trained model on labelled images. */
@Command(name = "evaluate", description = "Measure a trained model on labelled images.")
final class EvaluateCommand implements Callable<Integer> {
  @Mixin private WeightsOption weights;

  @Option(
      names = "--data",
      required = true,
      paramLabel = "<folder>",
      description = "FOLDER/CLASS/*.jpg or .png; where there is FOLDER/val, that.")
  private Path data;

  @Option(
      names = "--batch",
      defaultValue = "64",
      description = "Images at a time (default: ${DEFAULT-VALUE}).")
  private int batch;

  @Option(
      names = "--confusion",
      paramLabel = "<file>",
      description = "Draw the confusion matrix into a PNG.")
  private Path confusion;

  @Option(
      names = "--report",
      paramLabel = "<file>",
      description =
          "Write all measures, the worst mistakes and heat maps of where the network looks into one"
              + " HTML file.")
  private Path report;

  @Option(
      names = "--layer",
      paramLabel = "<name>",
      description =
          "The layer of the heat maps, as in layer3.0.conv2 (default: the last one that has more"
              + " than one place).")
  private String layer;

  @Mixin private DeviceOption deviceOption;
  @Mixin private JsonFile json;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Device device = deviceOption.use();
    PrintWriter out = spec.commandLine().getOut();
    try (WeightsOption.Model model = weights.load(device)) {
      ImageFolder images =
          DataFolder.evaluation(data, model.card().preprocessing(), model.card().classes());
      var options = DataLoader.Options.evaluation(batch, model.card().normalization());
      var predictions = new Predictions(images.classes());
      Evaluation e;
      try (DataLoader loader = new DataLoader(images, options)) {
        e = Evaluation.of(model.network(), device, loader, predictions);
      }
      EvaluationReport measures = predictions.report();
      Results.print(out, measures);
      DataFolder.report(out, images.skipped());
      if (confusion != null) {
        Charts.confusionMatrix(e.confusion(), confusion);
      }
      if (report != null) {
        ReportPage.of(data.toString(), model, device, images, predictions, measures, layer)
            .withHistory(RunHistory.beside(weights.file()))
            .write(report);
        out.println("written to " + report);
      }
      out.flush();
      Map<String, Object> result = Results.of(e, measures);
      result.put("images_per_second", e.imagesPerSecond());
      result.put("device", device.name());
      result.put("model", model.card().model());
      result.put("parameters", model.network().parameterCount());
      result.put("seconds", e.seconds());
      result.put("skipped", images.skipped());
      json.write(result);
    }
    return 0;
  }
}
