package dev.tilework.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ScheduleTest {
  private static final float NEAR = 1e-7f;

  @Test
  void stepFallsByTheFactor() {
    Schedule s = new Schedule.Step(0.8f, 10, 0.5f);
    assertEquals(0.8f, s.rate(0), NEAR);
    assertEquals(0.8f, s.rate(9), NEAR);
    assertEquals(0.4f, s.rate(10), NEAR);
    assertEquals(0.1f, s.rate(35), NEAR);
    assertEquals(0.3f, new Schedule.Constant(0.3f).rate(1_000_000));
  }

  @Test
  void cosineRisesThenFalls() {
    Schedule s = new Schedule.Cosine(1, 0.2f, 4, 15);
    assertEquals(0.25f, s.rate(0), NEAR);
    assertEquals(0.5f, s.rate(1), NEAR);
    assertEquals(1, s.rate(3), NEAR);
    assertEquals(1, s.rate(4), NEAR);
    assertEquals(0.6f, s.rate(9), NEAR, "half way between step 4 and step 14");
    assertEquals(0.2f, s.rate(14), NEAR);
    assertEquals(0.2f, s.rate(99), NEAR, "it stays at its end");
    Schedule cold = new Schedule.Cosine(1, 0, 0, 11);
    assertEquals(1, cold.rate(0), NEAR);
    assertEquals(0.5f, cold.rate(5), NEAR);
    assertEquals(0, cold.rate(10), NEAR);
  }

  /** From torch.optim.lr_scheduler.OneCycleLR(max_lr=1, total_steps=20, pct_start=0.25). */
  @Test
  void oneCycleRisesThenFalls() {
    Schedule s = new Schedule.OneCycle(1, 20, 0.25f);
    assertEquals(0.04f, s.rate(0), NEAR);
    assertEquals(0.04 + 0.96 * (1 - Math.cos(Math.PI / 4)) / 2, s.rate(1), 1e-6);
    assertEquals(0.52f, s.rate(2), 1e-6);
    assertEquals(1, s.rate(4), NEAR);
    assertEquals((1 + Math.cos(Math.PI * 5 / 15)) / 2, s.rate(9), 1e-5);
    assertEquals(4e-6f, s.rate(19), NEAR);
    assertEquals(4e-6f, s.rate(100), NEAR);
    for (int i = 5; i < 20; i++) {
      assertTrue(s.rate(i) < s.rate(i - 1));
    }
    assertEquals(1, new Schedule.OneCycle(1, 20, 0).rate(0), NEAR, "no rise");
  }

  @Test
  void wrongNumbersAreErrors() {
    assertThrows(IllegalArgumentException.class, () -> new Schedule.Constant(0));
    assertThrows(IllegalArgumentException.class, () -> new Schedule.Constant(Float.NaN));
    assertThrows(IllegalArgumentException.class, () -> new Schedule.Step(1, 0, 0.5f));
    assertThrows(IllegalArgumentException.class, () -> new Schedule.Cosine(1, 2, 0, 10));
    assertThrows(IllegalArgumentException.class, () -> new Schedule.Cosine(1, 0, 10, 10));
    assertThrows(IllegalArgumentException.class, () -> new Schedule.OneCycle(1, 10, 1));
  }
}
