package dev.tilework.kernels;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Samples of every operation, drawn from {@code -Dtilework.test.seed} (1 if not given). */
public final class Samples {
  /** The seed from which all samples are drawn. */
  public static final long SEED = Long.getLong("tilework.test.seed", 1);

  private Samples() {}

  /** All samples, by the operation's class. */
  public static Map<Class<? extends Op>, List<Sample>> all() {
    List<Sample> all = new ArrayList<>();
    all.addAll(ConvSamples.all(SEED));
    all.addAll(PoolSamples.all(SEED + 100_000));
    all.addAll(DenseSamples.all(SEED + 200_000));
    all.addAll(ElementSamples.all(SEED + 300_000));
    all.addAll(LayoutSamples.all(SEED + 400_000));
    Map<Class<? extends Op>, List<Sample>> byOperation = new LinkedHashMap<>();
    for (Class<? extends Op> leaf : operations(Op.class)) {
      byOperation.put(leaf, new ArrayList<>());
    }
    for (Sample s : all) {
      byOperation.get(s.op().getClass()).add(s);
    }
    return byOperation;
  }

  /** The records below a sealed interface. */
  static List<Class<? extends Op>> operations(Class<? extends Op> family) {
    if (family.isRecord()) {
      return List.of(family);
    }
    List<Class<? extends Op>> leaves = new ArrayList<>();
    for (Class<?> c : family.getPermittedSubclasses()) {
      leaves.addAll(operations(c.asSubclass(Op.class)));
    }
    return leaves;
  }
}
