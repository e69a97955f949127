package dev.tilework;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

/** Looking for devices leaves the logging of a program as it is. */
class LoggingTest {
  @Test
  void handlersStillPassWhatTheyPassedBefore() {
    assertFalse(Devices.reports().isEmpty());
    for (Handler h : Logger.getLogger("").getHandlers()) {
      assertEquals(Level.INFO, h.getLevel(), h.toString());
    }
  }
}
