package dev.tilework.opencl;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** A value for each {@link Parameter}. */
final class Tuning {
  private final Map<Parameter, Integer> values = new EnumMap<>(Parameter.class);

  /** The values that suit most devices of a profile. */
  static Tuning standard(Profile profile) {
    Tuning t = new Tuning();
    for (Parameter p : Parameter.values()) {
      t.values.put(p, p.standard(profile));
    }
    return t;
  }

  /** The same with what is smaller where the limits of a device ask for it. */
  static Tuning standard(Profile profile, ClDevice device) {
    Tuning t = standard(profile);
    boolean fits = profile == Profile.CPU || LocalTile.of(t).unfit(device) == null;
    return fits ? t : LocalTile.SMALLEST.in(t);
  }

  int get(Parameter p) {
    return values.get(p);
  }

  /** The same but for one value. */
  Tuning with(Parameter p, int value) {
    if (!p.legal().contains(value)) {
      throw new IllegalArgumentException(p + "=" + value + ", expected one of " + p.legal());
    }
    Tuning t = new Tuning();
    t.values.putAll(values);
    t.values.put(p, value);
    return t;
  }

  /** Null, or why no device can have these values together, or why one cannot, for people. */
  String illegal(Profile profile, ClDevice device) {
    if (profile == Profile.CPU) {
      return null;
    }
    LocalTile tile = LocalTile.of(this);
    return tile.illegal() != null ? tile.illegal() : tile.unfit(device);
  }

  /** The values that differ from others, as {@code NAME=VALUE}. */
  List<String> differences(Tuning other) {
    return values.keySet().stream()
        .filter(p -> get(p) != other.get(p))
        .map(p -> p + "=" + get(p))
        .toList();
  }

  /** The values as lines of OpenCL C. */
  String defines() {
    StringBuilder s = new StringBuilder();
    values.forEach((p, v) -> s.append("#define ").append(p).append(' ').append(v).append('\n'));
    return s.toString();
  }

  @Override
  public String toString() {
    return values.toString();
  }
}
