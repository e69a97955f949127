package dev.tilework.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class GeneratedShapesTest {
  private static final int PIXELS_OF_SEED_7 = 933113903;

  @Test
  void samplesDependOnSeedAndIndexAlone() {
    GeneratedShapes a = new GeneratedShapes(100, 1);
    GeneratedShapes longer = new GeneratedShapes(1000, 1);
    GeneratedShapes other = new GeneratedShapes(100, 2);
    for (int i = 99; i >= 0; i -= 9) {
      assertArrayEquals(a.sample(i).pixels(), longer.sample(i).pixels());
      assertFalse(Arrays.equals(a.sample(i).pixels(), other.sample(i).pixels()));
      assertFalse(Arrays.equals(a.sample(i).pixels(), a.sample((i + 10) % 100).pixels()));
    }
  }

  @Test
  void thePixelsOfASeedStayTheSameOnEveryPlatform() {
    int hash = 1;
    for (int i = 0; i < 20; i++) {
      hash = 31 * hash + Arrays.hashCode(new GeneratedShapes(20, 7).sample(i).pixels());
    }
    assertEquals(PIXELS_OF_SEED_7, hash);
  }

  @Test
  void classesTakeTurns() {
    GeneratedShapes data = new GeneratedShapes(40, 1);
    assertEquals(10, data.classes().size());
    assertEquals(10, data.classes().stream().distinct().count());
    for (int i = 0; i < 40; i++) {
      assertEquals(i % 10, data.label(i));
      assertEquals(i % 10, data.sample(i).label());
    }
    assertEquals("generated square 11", data.name(11));
    assertThrows(IndexOutOfBoundsException.class, () -> data.sample(40));
  }

  @Test
  void outlinesAreNegativeInsideAndGrowOutwards() {
    Outline square = Outline.polygon(-1, -1, 1, -1, 1, 1, -1, 1);
    assertEquals(-1, square.distance(0, 0), 1e-12);
    assertEquals(-0.25, square.distance(0.75, 0.3), 1e-12);
    assertEquals(0.4, square.distance(1.4, 0), 1e-12);
    assertEquals(0.2 * Math.sqrt(2), square.distance(1.2, 1.2), 1e-12);
    double far = square.distance(3, 3);
    assertTrue(far > 0.5 && far <= 2 * Math.sqrt(2), "a lower bound far away");
    assertEquals(-0.1, Outline.ring(0.7, 0.2).distance(0.8, 0), 1e-12);
    assertTrue(Outline.ring(0.7, 0.2).distance(0, 0) > 0);
    assertTrue(Outline.star(5, 0.4).distance(0, -0.9) < 0);
    assertTrue(Outline.star(5, 0.4).distance(0, 0.9) > 0);
    assertTrue(Outline.crescent(0.85, 0.55).distance(-0.8, 0) < 0);
    assertTrue(Outline.crescent(0.85, 0.55).distance(0.5, 0) > 0);
    assertTrue(Outline.heart().distance(0, 0.5) < 0);
    assertTrue(Outline.heart().distance(0, -0.6) > 0, "the notch");
  }

  @Test
  void wrongSizesAreErrors() {
    assertThrows(IllegalArgumentException.class, () -> new GeneratedShapes(-1, 1));
    assertThrows(IllegalArgumentException.class, () -> new GeneratedShapes(1, 4, 1));
  }
}
