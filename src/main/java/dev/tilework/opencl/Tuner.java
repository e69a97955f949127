package dev.tilework.opencl;

import dev.tilework.kernels.DeviceException;
import dev.tilework.kernels.Tunable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Finds the values of parameters for which a device is the fastest, by coordinate descent: one
 * parameter after the other takes each of its values while the rest stand still, and keeps the
 * best; once more from the start, as long as something changes. A value whose results differ from
 * those of the standard values, or with which a kernel does not compile or run, is passed over.
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
  private final Map<String, Optional<Candidate>> tried = new HashMap<>();

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

  private record Candidate(Tuning tuning, double[] seconds, double score) {}

  Result run() {
    Tuning start = Tuning.standard(profile, device);
    progress.next(done++, most, "standard values");
    standard = outcomes(start);
    double[] before = standard.stream().mapToDouble(Trial.Outcome::seconds).toArray();
    Candidate best = new Candidate(start, before, 0);
    for (int pass = 0; pass < PASSES; pass++) {
      Candidate at = best;
      for (Parameter p : parameters) {
        best = along(p, best);
      }
      if (best == at) {
        break;
      }
    }
    List<Tunable.Rate> rates = new ArrayList<>();
    for (int i = 0; i < before.length; i++) {
      Workload w = workloads.get(i);
      rates.add(
          new Tunable.Rate(w.label(), w.unit(), w.rate(before[i]), w.rate(best.seconds()[i])));
    }
    return new Result(best.tuning(), rates);
  }

  private Candidate along(Parameter p, Candidate from) {
    Candidate best = from;
    for (int value : p.legal()) {
      Tuning t = from.tuning().with(p, value);
      if (value == from.tuning().get(p)) {
        continue;
      }
      progress.next(done++, most, p + " " + value);
      Optional<Candidate> c = tried.computeIfAbsent(t.toString(), k -> measure(t));
      if (c.isPresent() && c.get().score() < best.score() - GAIN) {
        best = c.get();
      }
    }
    return best;
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
    double[] seconds = new double[outcomes.size()];
    for (int i = 0; i < seconds.length; i++) {
      if (!standard.get(i).agrees(outcomes.get(i).result())) {
        return Optional.empty();
      }
      seconds[i] = outcomes.get(i).seconds();
      score += Math.log(seconds[i] / standard.get(i).seconds()) / seconds.length;
    }
    return Optional.of(new Candidate(t, seconds, score));
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
