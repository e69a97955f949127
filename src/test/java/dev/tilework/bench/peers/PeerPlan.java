package dev.tilework.bench.peers;

import dev.tilework.bench.Layer;
import dev.tilework.bench.Pass;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What is run.
 *
 * @param start the network of the first answer; null where it is not asked for
 * @param starts processes for it, the first of which is not counted
 * @param rounds turns of each library in a case
 * @param most nanoseconds for a case, however much time is left
 */
record PeerPlan(List<Task> tasks, Task.Network start, int starts, int rounds, long most) {
  private static final int TOY_EXTENT = 9;
  private static final int TOY_CHANNELS = 12;

  /** Whole networks first, then what they consist of. */
  static PeerPlan full(List<String> lists, List<Integer> batches, List<Pass> passes) {
    List<Task> tasks = new ArrayList<>();
    for (int batch : List.of(1, 8)) {
      tasks.add(new Task.Network("resnet50", 224, batch, false));
      tasks.add(new Task.Network("vgg16", 224, batch, false));
    }
    tasks.add(new Task.Network("resnet20", 32, 64, true));
    tasks.add(new Task.Network("resnet50", 224, 8, true));
    tasks.add(new Task.Product(512, 512, 512));
    tasks.add(new Task.Product(1024, 1024, 1024));
    tasks.add(new Task.Product(8, 1000, 2048));
    tasks.add(new Task.Product(8, 4096, 25088));
    tasks.addAll(Task.memory(8, 56, 56, 256));
    for (Pass pass : passes) {
      for (String list : lists) {
        for (int batch : batches) {
          for (Layer layer : Layer.list(list)) {
            tasks.add(new Task.Convolution(layer, batch, pass));
          }
        }
      }
    }
    return new PeerPlan(tasks, new Task.Network("resnet50", 224, 1, false), 6, 3, 20_000_000_000L);
  }

  /** The first and the last layers of each list and one of the rest, all small. */
  static PeerPlan quick(List<Pass> passes) {
    List<Task> tasks = new ArrayList<>();
    tasks.add(new Task.Network("resnet18", 32, 2, false));
    tasks.add(new Task.Network("resnet8", 32, 2, false));
    tasks.add(new Task.Network("resnet8", 32, 3, true));
    tasks.add(new Task.Product(17, 20, 33));
    tasks.addAll(Task.memory(2, 9, 9, 12));
    for (Pass pass : passes) {
      for (String list : Layer.ALL_LISTS) {
        List<Layer> layers = Layer.list(list);
        for (Layer layer : List.of(layers.getFirst(), layers.get(layers.size() - 2))) {
          tasks.add(new Task.Convolution(layer.toy(TOY_EXTENT, TOY_CHANNELS), 2, pass));
        }
      }
    }
    return new PeerPlan(tasks, new Task.Network("resnet8", 32, 1, false), 2, 1, 50_000_000L);
  }

  /**
   * A part.
   *
   * @param match is found in the titles of its cases, as in {@code resnet50, batch 8, training}
   * @param groups of cases; {@code start} is that of the first answer and the peak of memory
   */
  PeerPlan matching(Pattern match, List<String> groups) {
    return new PeerPlan(
        tasks.stream()
            .filter(t -> groups.contains(t.group()) && match.matcher(t.title()).find())
            .toList(),
        groups.contains("start") ? start : null,
        starts,
        rounds,
        most);
  }
}
