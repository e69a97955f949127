package dev.tilework.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tilework.Shape;
import org.junit.jupiter.api.Test;

class CostTest {
  @Test
  void smallNetworkByHand() {
    Cost c =
        Cost.of(
            () ->
                new Sequential(
                    new Conv2d(4, 6, 3).stride(2).padding(1).groups(2),
                    new BatchNorm2d(6),
                    new Relu(),
                    new Flatten(),
                    new Linear(5 * 4 * 6, 7)),
            2,
            9,
            8,
            4);
    // The convolution gives 5x4 pixels of 6 channels, each from 3x3x2 numbers.
    long conv = 2L * 2 * 5 * 4 * 6 * 18;
    long linear = 2L * 2 * 120 * 7;
    long trained = 6 * 18 + 6 + 12 + 120 * 7 + 7;
    assertEquals(new Cost(2, trained, trained + 12, conv + linear, Shape.of(2, 7)), c);
  }

  @Test
  void wrongInputIsNamed() {
    var e =
        assertThrows(IllegalArgumentException.class, () -> Cost.of(() -> new Linear(5, 7), 2, 6));
    assertTrue(e.getMessage().contains("[2, 6]") && e.getMessage().contains("[7, 5]"));
  }
}
