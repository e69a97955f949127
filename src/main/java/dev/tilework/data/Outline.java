package dev.tilework.data;

/**
 * A shape in the plane as its signed distance: negative inside. The polygon's formula is that of I.
 * Quilez, "2D distance functions".
 */
interface Outline {
  /** From here on an estimate, never larger than the distance, saves time. */
  double FAR = 0.5;

  double distance(double x, double y);

  static Outline circle(double radius) {
    return (x, y) -> Math.sqrt(x * x + y * y) - radius;
  }

  static Outline ring(double radius, double halfWidth) {
    return (x, y) -> Math.abs(Math.sqrt(x * x + y * y) - radius) - halfWidth;
  }

  /** A disc of radius 1 without a smaller one that is moved to the right. */
  static Outline crescent(double radius, double shift) {
    return (x, y) -> {
      double outer = Math.sqrt(x * x + y * y) - 1;
      double inner = Math.sqrt((x - shift) * (x - shift) + y * y) - radius;
      return Math.max(outer, -inner);
    };
  }

  /** A square on its corner with a half disc on each of its upper sides. */
  static Outline heart() {
    Outline square = polygon(0, 1, -0.68, 0.32, 0, -0.36, 0.68, 0.32);
    double radius = Math.sqrt(0.68 * 0.68 * 2) / 2;
    return (x, y) -> {
      double a = Math.sqrt((Math.abs(x) - 0.34) * (Math.abs(x) - 0.34) + (y + 0.02) * (y + 0.02));
      return Math.min(square.distance(x, y), a - radius);
    };
  }

  /** A polygon with corners in turn at radius 1 and at {@code inner}. */
  static Outline star(int points, double inner) {
    double[] xy = new double[4 * points];
    for (int i = 0; i < 2 * points; i++) {
      double r = i % 2 == 0 ? 1 : inner;
      xy[2 * i] = r * StrictMath.sin(Math.PI * i / points);
      xy[2 * i + 1] = -r * StrictMath.cos(Math.PI * i / points);
    }
    return polygon(xy);
  }

  static Outline polygon(double... xy) {
    double reach = 0;
    for (int i = 0; i < xy.length; i += 2) {
      reach = Math.max(reach, Math.sqrt(xy[i] * xy[i] + xy[i + 1] * xy[i + 1]));
    }
    double radius = reach;
    return (px, py) -> {
      int n = xy.length;
      double fromCentre = Math.sqrt(px * px + py * py);
      if (fromCentre > radius + FAR) {
        return fromCentre - radius;
      }
      double best = Double.MAX_VALUE;
      boolean inside = false;
      for (int i = 0, j = n - 2; i < n; j = i, i += 2) {
        double ex = xy[j] - xy[i];
        double ey = xy[j + 1] - xy[i + 1];
        double wx = px - xy[i];
        double wy = py - xy[i + 1];
        double t = Math.clamp((wx * ex + wy * ey) / (ex * ex + ey * ey), 0, 1);
        double bx = wx - ex * t;
        double by = wy - ey * t;
        best = Math.min(best, bx * bx + by * by);
        boolean straddles = xy[i + 1] > py != xy[j + 1] > py;
        if (straddles && px < ex * (py - xy[i + 1]) / ey + xy[i]) {
          inside = !inside;
        }
      }
      return inside ? -Math.sqrt(best) : Math.sqrt(best);
    };
  }
}
