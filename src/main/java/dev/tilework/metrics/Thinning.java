package dev.tilework.metrics;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Leaves out points of a curve that nobody would see. */
final class Thinning {
  private Thinning() {}

  /** The first and the last point, and of those between some at equal distances along the curve. */
  static <P> List<P> of(List<P> points, int most, ToDoubleFunction<P> x, ToDoubleFunction<P> y) {
    if (most < 2) {
      throw new IllegalArgumentException("thinned curve: " + most + " points, expected from 2");
    }
    int n = points.size();
    if (n <= most) {
      return points;
    }
    double[] way = new double[n];
    for (int i = 1; i < n; i++) {
      P a = points.get(i - 1);
      P b = points.get(i);
      way[i] =
          way[i - 1]
              + Math.abs(x.applyAsDouble(b) - x.applyAsDouble(a))
              + Math.abs(y.applyAsDouble(b) - y.applyAsDouble(a));
    }
    List<P> kept = new ArrayList<>();
    kept.add(points.getFirst());
    double step = way[n - 1] / (most - 1);
    for (int i = 1; i < n - 1 && kept.size() < most - 1; i++) {
      if (way[i] >= step * kept.size()) {
        kept.add(points.get(i));
      }
    }
    kept.add(points.getLast());
    return kept;
  }
}
