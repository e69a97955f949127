package dev.tilework;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ShapeTest {
  @Test
  void extentsAndElements() {
    Shape s = Shape.of(2, 3, 5);
    assertEquals(3, s.rank());
    assertEquals(30, s.elements());
    assertEquals(5, s.dim(-1));
    assertEquals(2, s.dim(-3));
    assertEquals(15, s.product(1, 3));
    assertEquals("[2, 3, 5]", s.toString());
    assertEquals(1, Shape.scalar().elements());
    assertEquals(0, Shape.of(3, 0).elements());
    assertEquals(Shape.of(2, 7, 5), s.with(-2, 7));
    assertEquals(s, Shape.of(2, 3, 5));
    assertEquals(s.hashCode(), Shape.of(2, 3, 5).hashCode());
    assertNotEquals(s, Shape.of(2, 3));
  }

  @Test
  void theCallersArrayIsItsOwn() {
    int[] dims = {2, 3};
    Shape s = Shape.of(dims);
    dims[0] = 9;
    s.dims()[1] = 9;
    assertEquals(Shape.of(2, 3), s);
  }

  @Test
  void whatIsNoShapeIsRefused() {
    String m = assertThrows(IllegalArgumentException.class, () -> Shape.of(2, -3)).getMessage();
    assertTrue(m.contains("[2, -3]"), m);
    m = assertThrows(IllegalArgumentException.class, () -> Shape.of(2, 3).dim(2)).getMessage();
    assertTrue(m.contains("2") && m.contains("[2, 3]"), m);
    assertThrows(IllegalArgumentException.class, () -> Shape.of(2, 3).axis(-3));
    // 2^62 elements fit a long; four times as many do not.
    int m30 = 1 << 30;
    assertThrows(IllegalArgumentException.class, () -> Shape.of(m30, m30, 16));
  }

  @Test
  void shapesBroadcastAsInNumPy() {
    assertEquals(Shape.of(2, 3), Shape.of(2, 1).broadcast(Shape.of(3)));
    assertEquals(Shape.of(4, 2, 3), Shape.of(2, 3).broadcast(Shape.of(4, 1, 1)));
    assertEquals(Shape.of(5), Shape.scalar().broadcast(Shape.of(5)));
    assertEquals(Shape.of(0), Shape.of(1).broadcast(Shape.of(0)));
    String m =
        assertThrows(IllegalArgumentException.class, () -> Shape.of(2, 3).broadcast(Shape.of(2)))
            .getMessage();
    assertTrue(m.contains("[2, 3]") && m.contains("[2]"), m);
  }
}
