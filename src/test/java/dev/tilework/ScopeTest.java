package dev.tilework;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tilework.kernels.reference.ReferenceDriver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ScopeTest {
  private final Device device = TestDevices.of(new ReferenceDriver("scoped"));

  @AfterEach
  void noScopeIsLeftOpen() {
    assertNull(Scope.current());
  }

  private Tensor tensor() {
    return Tensor.full(device, 1, 100);
  }

  private long live() {
    return device.memory().live() / 400;
  }

  @Test
  void closesWhatWasMadeInside() {
    Tensor outside = tensor();
    Tensor a;
    try (Scope s = Scope.open()) {
      a = tensor();
      tensor().close();
      tensor().add(a);
      assertEquals(4, live());
    }
    assertTrue(a.isClosed());
    assertEquals(1, live());
    assertFalse(outside.isClosed());
    outside.close();
    assertEquals(0, live());
  }

  @Test
  void keepHandsToTheNextOuterScope() {
    Tensor kept;
    try (Scope outer = Scope.open()) {
      Tensor inside;
      try (Scope inner = Scope.open()) {
        inside = inner.keep(tensor());
        assertSame(inside, inner.keep(inside), "kept already");
        tensor();
      }
      assertFalse(inside.isClosed());
      assertEquals(1, live());
      kept = outer.keep(tensor());
    }
    assertEquals(1, live());
    assertFalse(kept.isClosed());
    kept.close();
  }

  @Test
  void keepDoesNotShortenALife() {
    try (Scope outermost = Scope.open()) {
      Tensor t = tensor();
      try (Scope middle = Scope.open()) {
        try (Scope inner = Scope.open()) {
          inner.keep(t);
        }
      }
      assertFalse(t.isClosed(), "it belonged to a scope that is still open");
    }
    assertEquals(0, live());
  }

  @Test
  void keepOfAnOuterScopeSkipsTheInnerOnes() {
    Tensor t;
    try (Scope outer = Scope.open()) {
      try (Scope inner = Scope.open()) {
        t = outer.keep(tensor());
      }
    }
    assertFalse(t.isClosed());
    t.close();
  }

  @Test
  void unscopedTensorsLiveUntilClosed() {
    Tensor t;
    try (Scope s = Scope.open()) {
      t = tensor().unscoped();
      assertSame(t, s.keep(t));
    }
    assertFalse(t.isClosed());
    t.close();
    assertEquals(0, live());
  }

  @Test
  void viewsBelongToTheScopeTheyWereMadeIn() {
    Tensor view;
    try (Scope outer = Scope.open()) {
      try (Scope inner = Scope.open()) {
        view = inner.keep(tensor().slice(0, 3, 2));
      }
      assertEquals(1, live(), "the view keeps the memory");
      assertEquals(1, view.toArray()[0]);
    }
    assertEquals(0, live());
  }

  @Test
  void manyTensorsCloseInAnyOrder() {
    try (Scope s = Scope.open()) {
      List<Tensor> all = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        all.add(tensor());
      }
      java.util.Collections.shuffle(all, new java.util.Random(3));
      all.subList(0, 30).forEach(Tensor::close);
      assertEquals(20, live());
    }
    assertEquals(0, live());
  }

  @Test
  void outerScopesCannotCloseFirst() {
    Scope outer = Scope.open();
    Scope inner = Scope.open();
    assertThrows(IllegalStateException.class, outer::close);
    inner.close();
    inner.close();
    outer.close();
  }

  @Test
  void anotherThreadCannotCloseAScope() throws InterruptedException {
    AtomicReference<RuntimeException> failure = new AtomicReference<>();
    try (Scope s = Scope.open()) {
      Thread t =
          new Thread(
              () -> {
                assertNull(Scope.current(), "a scope is of one thread");
                try {
                  s.close();
                } catch (IllegalStateException e) {
                  failure.set(e);
                }
              });
      t.start();
      t.join();
    }
    assertTrue(failure.get() instanceof IllegalStateException);
  }

  @Test
  void anotherThreadMayCloseItsTensors() throws InterruptedException {
    for (int round = 0; round < 50; round++) {
      List<Tensor> all = new ArrayList<>();
      Thread t;
      try (Scope s = Scope.open()) {
        for (int i = 0; i < 40; i++) {
          all.add(tensor());
        }
        t = new Thread(() -> all.forEach(Tensor::close));
        t.start();
      }
      t.join();
      assertEquals(0, live());
    }
  }
}
