package dev.tilework.bench.peers;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Times a task: all libraries' results are compared with ours, then each form of each library takes
 * a turn, and that for some rounds. Only one computes at a time.
 */
final class Race {
  /** Libraries' threads go on to spin for some time after a call; only then comes the next. */
  private static final long PAUSE_MS = 20;

  private final List<Rival> rivals;
  private final int rounds;

  /**
   * A race.
   *
   * @param rivals this library first
   */
  Race(List<Rival> rivals, int rounds) {
    this.rivals = rivals;
    this.rounds = rounds;
  }

  private static final class Entrant {
    final Rival rival;
    final String form;
    final List<Long> times = new ArrayList<>();
    String problem;

    Entrant(Rival rival, String form, String problem) {
      this.rival = rival;
      this.form = form;
      this.problem = problem;
    }
  }

  /**
   * Runs a task.
   *
   * @param budget nanoseconds for all of it, operands and checks included; where twice as much is
   *     spent, there are fewer rounds, but one that counts at least
   */
  PeerReport.Row run(Task task, long budget) {
    long begin = System.nanoTime();
    List<Entrant> entrants = new ArrayList<>();
    Sample ours = null;
    for (Rival r : rivals) {
      for (Entrant e : entrants(r, task)) {
        entrants.add(e);
        if (e.problem == null) {
          try {
            Sample sample = r.prepare(task, e.form);
            if (ours == null && r == rivals.getFirst()) {
              ours = sample;
            } else if (ours != null) {
              compare(task, ours, sample);
            }
          } catch (Rival.Failure | IllegalStateException problem) {
            e.problem = problem.getMessage();
          }
        }
      }
      if (r == rivals.getFirst() && ours == null) {
        break;
      }
    }
    if (ours != null) {
      time(entrants, begin, budget);
    }
    rivals.forEach(Rival::finish);
    return PeerReport.row(
        task,
        entrants.stream()
            .map(
                e ->
                    PeerReport.entry(
                        e.rival.library().name(),
                        e.form,
                        e.times.stream().mapToLong(Long::longValue).toArray(),
                        e.problem))
            .toList());
  }

  private static List<Entrant> entrants(Rival r, Task task) {
    try {
      return r.forms(task).stream().map(form -> new Entrant(r, form, null)).toList();
    } catch (Rival.Failure e) {
      // Why a library does not take part at all stands once, at the head of the report.
      return r.problem() != null ? List.of() : List.of(new Entrant(r, "", e.getMessage()));
    }
  }

  private void time(List<Entrant> all, long begin, long budget) {
    List<Entrant> entrants = all.stream().filter(e -> e.problem == null).toList();
    long left = Math.max(0, begin + budget - System.nanoTime());
    // The first round warms up.
    long slice = left / (entrants.size() * (rounds + 1L));
    for (int round = 0; round <= rounds; round++) {
      if (round > 1 && System.nanoTime() - begin > 2 * budget) {
        break;
      }
      for (Entrant e : entrants) {
        if (e.problem == null) {
          try {
            Thread.sleep(PAUSE_MS);
            long[] times = e.rival.turn(e.form, slice);
            // The first call of a turn finds caches full of others' data and threads asleep.
            int from = times.length > 2 ? 1 : 0;
            if (round > 0) {
              Arrays.stream(times, from, times.length).forEach(e.times::add);
            }
          } catch (Rival.Failure problem) {
            e.problem = problem.getMessage();
          } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            e.problem = "interrupted";
          }
        }
      }
    }
  }

  /**
   * How far results may be apart, relative to the root of the mean square: float32 and sums in
   * another order or by Winograd's algorithm give 1e-5 or so for a layer, and a network's rounding
   * errors grow from layer to layer. On the way back through dozens of normalizations of few images
   * they grow most: libtorch's two memory formats are some per cent apart in ResNet-50.
   */
  private static void compare(Task task, Sample ours, Sample theirs) {
    switch (task) {
      case Task.Network n when n.training() -> ours.checkStep(theirs, n.size() > 32 ? 0.2 : 0.03);
      case Task.Network n -> ours.check(theirs, 1e-2);
      default -> ours.check(theirs, 1e-3);
    }
  }
}
