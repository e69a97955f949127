package dev.tilework.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tilework.Device;
import dev.tilework.Devices;
import dev.tilework.Precision;
import dev.tilework.Scope;
import dev.tilework.Tensor;
import dev.tilework.kernels.MatmulOp;
import org.junit.jupiter.api.Test;

/**
 * The layout of tiles in shared memory: every ldmatrix reads its eight rows from different banks.
 */
class SwizzleTest {
  @Test
  void ldmatrixMeetsNoBankTwice() {
    StandIn.assume();
    Device device = Devices.named("cuda");
    Precision before = device.precision();
    try (Scope scope = Scope.open()) {
      Tensor a = Tensor.normal(device, 0, 1, 1, 128, 128);
      for (Precision p : new Precision[] {Precision.TF32, Precision.BF16, Precision.FP16}) {
        device.precision(p);
        for (int transposes = 0; transposes < 4; transposes++) {
          device.run1(new MatmulOp.Matmul(transposes % 2 == 1, transposes >= 2, false), a, a);
        }
      }
      device.synchronize();
    } finally {
      device.precision(before);
    }
    long[] counted = StandIn.ldmatrix();
    assertTrue(counted[0] > 1000, "sets of rows read: " + counted[0]);
    assertEquals(counted[0], counted[1], "accesses for " + counted[0] + " sets of rows");
  }
}
