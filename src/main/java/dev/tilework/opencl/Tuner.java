package dev.tilework.opencl;

import dev.tilework.kernels.DeviceException;
import dev.tilework.kernels.Tunable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Finds the values of parameters for which a device is the fastest, by coordinate descent: one
 * parameter after the other takes each of its values while the rest stand still, and keeps the
 * best; once more from the start, as long as something changes. A value that seems better has to be
 * so again, measured right after the one it replaces, since a device's speed drifts. A value whose
 * results differ from those of the standard values, or with which a kernel does not compile or run,
 * is passed over.
 */
final class Tuner {
  private static final int PASSES = 2;

  /** Values must be so much better on average than those they replace; less may be chance. */
  private static final double GAIN = Math.log(1.03);

  private final Function<Tuning, OpenClDriver> drivers;
  private final ClDevice device;
  private final Profile profile;
  private final List<Workload> workloads;
  private final List<Parameter> parameters;
  private final Tunable.Progress progress;
  private final int most;
  private int done;
  private List<Trial.Outcome> standard;
  private final Set<String> tried = new HashSet<>();

  /**
   * Prepares.
   *
   * @param drivers opens the device with other values
   */
  Tuner(
      Function<Tuning, OpenClDriver> drivers,
      ClDevice device,
      Profile profile,
      List<Workload> workloads,
      List<Parameter> parameters,
      Tunable.Progress progress) {
    this.drivers = drivers;
    this.device = device;
    this.profile = profile;
    this.workloads = workloads;
    this.parameters = parameters;
    this.progress = progress;
    most = 1 + PASSES * parameters.stream().mapToInt(p -> p.legal().size() - 1).sum();
  }

  /** The best values, and what they gained. */
  record Result(Tuning tuning, List<Tunable.Rate> rates) {}

  /**
   * Values that work.
   *
   * @param score mean logarithm of the time as a part of the standard values'
   */
  private record Candidate(Tuning tuning, double score) {}

  Result run() {
    Tuning start = Tuning.standard(profile, device);
    progress.next(done++, most, "standard values");
    // The first runs of a program are slow, for this virtual machine compiles as well.
    outcomes(start);
    standard = outcomes(start);
    tried.add(start.toString());
    Candidate best = new Candidate(start, 0);
    for (int pass = 0; pass < PASSES; pass++) {
      Candidate at = best;
      for (Parameter p : parameters) {
        best = along(p, best);
      }
      if (best.tuning() == at.tuning()) {
        break;
      }
    }
    double[] before = seconds(outcomes(start));
    double[] after = best.tuning() == start ? before : seconds(outcomes(best.tuning()));
    List<Tunable.Rate> rates = new ArrayList<>();
    for (int i = 0; i < before.length; i++) {
      Workload w = workloads.get(i);
      rates.add(new Tunable.Rate(w.label(), w.unit(), w.rate(before[i]), w.rate(after[i])));
    }
    return new Result(best.tuning(), rates);
  }

  private static double[] seconds(List<Trial.Outcome> outcomes) {
    return outcomes.stream().mapToDouble(Trial.Outcome::seconds).toArray();
  }

  private Candidate along(Parameter p, Candidate from) {
    Candidate best = from;
    for (int value : p.legal()) {
      if (value == from.tuning().get(p)) {
        continue;
      }
      progress.next(done++, most, p + " " + value);
      Tuning t = from.tuning().with(p, value);
      if (tried.add(t.toString()) && better(measure(t), best)) {
        best = measure(best.tuning()).orElse(best);
        Optional<Candidate> again = measure(t);
        best = better(again, best) ? again.get() : best;
      }
    }
    return best;
  }

  private static boolean better(Optional<Candidate> c, Candidate than) {
    return c.isPresent() && c.get().score() < than.score() - GAIN;
  }

  /** Empty where the values do not work. */
  private Optional<Candidate> measure(Tuning t) {
    if (t.illegal(profile, device) != null) {
      return Optional.empty();
    }
    List<Trial.Outcome> outcomes;
    try {
      outcomes = outcomes(t);
    } catch (DeviceException e) {
      return Optional.empty();
    }
    double score = 0;
    for (int i = 0; i < outcomes.size(); i++) {
      if (!standard.get(i).agrees(outcomes.get(i).result())) {
        return Optional.empty();
      }
      score += Math.log(outcomes.get(i).seconds() / standard.get(i).seconds());
    }
    return Optional.of(new Candidate(t, score / outcomes.size()));
  }

  private List<Trial.Outcome> outcomes(Tuning t) {
    OpenClDriver driver = drivers.apply(t);
    try {
      Trial trial = new Trial(driver);
      return workloads.stream().map(trial::run).toList();
    } finally {
      driver.close();
    }
  }
}
