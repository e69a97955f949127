package dev.tilework.cli;

import dev.tilework.Device;
import dev.tilework.Scope;
import dev.tilework.Tensor;
import dev.tilework.autograd.NoGrad;
import dev.tilework.autograd.Variable;
import dev.tilework.data.CorruptImageException;
import dev.tilework.data.ImageSize;
import dev.tilework.nn.Module;
import dev.tilework.train.ModelCard;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Classifies images. */
@Command(name = "predict", description = "Classify images with a trained model.")
final class PredictCommand implements Callable<Integer> {
  @Mixin private WeightsOption weights;

  @Parameters(paramLabel = "<image>", arity = "1..*", description = "Images, JPEG or PNG.")
  private List<Path> images;

  @Option(
      names = "--top",
      defaultValue = "3",
      description = "Classes to print for each image (default: ${DEFAULT-VALUE}).")
  private int top;

  @Mixin private DeviceOption deviceOption;
  @Mixin private JsonFile json;
  @Spec private CommandSpec spec;

  /** A class and how sure the network is of it. */
  record Guess(String name, double probability) {}

  @Override
  public Integer call() {
    if (top < 1) {
      throw new ParameterException(spec.commandLine(), "--top " + top + ", expected at least 1");
    }
    PrintWriter out = spec.commandLine().getOut();
    Device device = deviceOption.use();
    List<Map<String, Object>> results = new ArrayList<>();
    Map<String, String> failed = new LinkedHashMap<>();
    try (WeightsOption.Model model = weights.load(device);
        Module network = model.network().fuse()) {
      for (Path image : images) {
        try {
          List<Guess> guesses = classify(network, model.card(), device, image);
          print(out, image, guesses);
          Map<String, Object> r = new LinkedHashMap<>();
          r.put("image", image.toString());
          r.put("predictions", guesses);
          results.add(r);
        } catch (CorruptImageException e) {
          failed.put(image.toString(), e.reason());
        }
      }
    }
    out.flush();
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("device", device.name());
    all.put("images", results);
    all.put("failed", failed);
    json.write(all);
    if (!failed.isEmpty()) {
      StringBuilder s =
          new StringBuilder(failed.size() + " of " + images.size() + " images cannot be read:");
      failed.forEach((file, reason) -> s.append("\n  ").append(file).append(": ").append(reason));
      throw new UserError(s.toString());
    }
    return 0;
  }

  private List<Guess> classify(Module network, ModelCard card, Device device, Path image) {
    ImageSize size = card.imageSize();
    float[] pixels = card.preprocessing().read(image);
    float[] p;
    try (NoGrad off = NoGrad.open();
        Scope scope = Scope.open()) {
      Tensor x = Tensor.of(device, pixels, 1, size.height(), size.width(), size.channels());
      p = network.apply(Variable.of(x)).softmax().value().toArray();
    }
    return IntStream.range(0, p.length)
        .boxed()
        .sorted(Comparator.comparingDouble(i -> -p[i]))
        .limit(top)
        .map(i -> new Guess(card.classes().get(i), p[i]))
        .toList();
  }

  private static void print(PrintWriter out, Path image, List<Guess> guesses) {
    StringBuilder line = new StringBuilder(image.toString()).append(':');
    for (Guess g : guesses) {
      line.append(String.format(Locale.ROOT, "  %s %.1f%%", g.name(), 100 * g.probability()));
    }
    out.println(line);
  }
}
