package dev.tilework.cli;

import dev.tilework.Device;
import dev.tilework.data.Dataset;
import dev.tilework.metrics.EvaluationReport;
import dev.tilework.metrics.Predictions;
import dev.tilework.nn.GradCam;
import dev.tilework.report.HtmlReport;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** The HTML report of a model on its images. */
final class ReportPage {
  private static final int MISTAKES = 24;
  private static final int HEAT_MAPS = 15;

  private ReportPage() {}

  /**
   * A page with all there is but the history.
   *
   * @param layer of the heat maps; null for the last that suits
   */
  static HtmlReport of(
      String title,
      WeightsOption.Model model,
      Device device,
      Dataset images,
      Predictions predictions,
      EvaluationReport measures,
      String layer) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("Model", model.card().model());
    facts.put("Parameters", String.format(Locale.ROOT, "%,d", model.network().parameterCount()));
    facts.put(
        "Images",
        String.format(
            Locale.ROOT,
            "%,d, %d x %d",
            predictions.size(),
            images.imageSize().height(),
            images.imageSize().width()));
    facts.put("Classes", String.valueOf(images.classes().size()));
    facts.put("Device", device.name() + " (" + device.description() + ")");
    GradCam cam =
        layer == null ? new GradCam(model.network()) : new GradCam(model.network(), layer);
    return new HtmlReport(title, measures)
        .withFacts(facts)
        .withMistakes(predictions, images, MISTAKES)
        .withHeatMaps(predictions, images, model.card().normalization(), cam, device, HEAT_MAPS);
  }
}
