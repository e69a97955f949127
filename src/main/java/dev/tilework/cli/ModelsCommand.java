package dev.tilework.cli;

import dev.tilework.models.Models;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Lists the models. */
@Command(
    name = "models",
    description = "List the models: layers, parameters and work.",
    footer =
        "%nParameters are trained numbers; with the running statistics of batch normalization they"
            + " are all that is saved. Counts and work are those for 1000 classes (10 for models of 32x32 images);"
            + " two operations count for each multiply-add.")
final class ModelsCommand implements Callable<Integer> {
  @Mixin private JsonFile json;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    TextTable table =
        new TextTable(
            "name", ">image", ">layers", ">parameters", ">with statistics", ">GFLOPs/image");
    List<Models.Description> all = new ArrayList<>();
    for (String name : Models.names()) {
      Models.Description d = Models.describe(name);
      all.add(d);
      table.row(
          d.name(),
          d.inputSize() + "x" + d.inputSize(),
          Integer.toString(d.layers()),
          String.format(Locale.ROOT, "%,d", d.parameters()),
          String.format(Locale.ROOT, "%,d", d.stateNumbers()),
          String.format(Locale.ROOT, "%.2f", d.flopsPerImage() / 1e9));
    }
    table.print(spec.commandLine().getOut());
    json.write(Map.of("models", all));
    return 0;
  }
}
