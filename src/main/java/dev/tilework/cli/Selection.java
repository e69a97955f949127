package dev.tilework.cli;

import dev.tilework.data.ClassSubset;
import dev.tilework.data.Dataset;
import dev.tilework.data.Split;
import dev.tilework.data.Subset;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/**
 * Which images of a data set take part in a run.
 *
 * @param classes their names, in the order of the labels; null for all
 * @param limitPerClass the most images of a class to learn from; 0 for all
 */
record Selection(List<String> classes, int limitPerClass) {
  /** The options, shared by the commands that train. */
  static final class Options {
    @Option(
        names = "--classes",
        split = ",",
        paramLabel = "<name>",
        description = "Only these classes, in this order (default: all).")
    private List<String> classes;

    @Option(
        names = "--limit-per-class",
        paramLabel = "<images>",
        description =
            "At most so many images of each class to train on, spread evenly over those there are;"
                + " validation keeps all of its own (default: all).")
    private Integer limit;

    Selection of(CommandSpec spec) {
      if (classes != null && (classes.size() < 2 || Set.copyOf(classes).size() < classes.size())) {
        throw new ParameterException(
            spec.commandLine(), "--classes " + classes + ", expected at least two, none twice");
      }
      if (limit != null && limit < 1) {
        throw new ParameterException(
            spec.commandLine(), "--limit-per-class " + limit + ", expected at least 1");
      }
      return new Selection(classes, limit == null ? 0 : limit);
    }
  }

  /** Validation images are never limited: a measure of few images says little. */
  Split of(Split all) {
    Dataset train = ofClasses(all.train());
    return new Split(
        limitPerClass == 0 ? train : Subset.limited(train, limitPerClass),
        ofClasses(all.validation()));
  }

  private Dataset ofClasses(Dataset data) {
    return classes == null ? data : new ClassSubset(data, classes);
  }
}
