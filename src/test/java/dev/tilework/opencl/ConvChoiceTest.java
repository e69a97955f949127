package dev.tilework.opencl;

import static dev.tilework.opencl.ConvChoice.DEPTHWISE;
import static dev.tilework.opencl.ConvChoice.DIRECT;
import static dev.tilework.opencl.ConvChoice.FEW_CHANNELS;
import static dev.tilework.opencl.ConvChoice.POINTWISE;
import static dev.tilework.opencl.ConvChoice.WINOGRAD;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.tilework.kernels.ConvGeometry;
import dev.tilework.opencl.ConvChoice.Pass;
import org.junit.jupiter.api.Test;

class ConvChoiceTest {
  private static ConvGeometry geometry(int size, int c, int o, int kernel, int stride, int groups) {
    int pad = kernel / 2;
    return new ConvGeometry(
        2, size, size, c, o, kernel, kernel, stride, stride, pad, pad, pad, pad, 1, 1, groups);
  }

  private static void expect(
      ConvChoice forward, ConvChoice dataGrad, ConvChoice weightGrad, ConvGeometry g, Profile p) {
    assertEquals(forward, ConvChoice.of(g, Pass.FORWARD, p), g.toString());
    assertEquals(dataGrad, ConvChoice.of(g, Pass.DATA_GRAD, p), g.toString());
    assertEquals(weightGrad, ConvChoice.of(g, Pass.WEIGHT_GRAD, p), g.toString());
  }

  @Test
  void layersOfWellKnownNetworks() {
    for (Profile p : Profile.values()) {
      expect(WINOGRAD, WINOGRAD, DIRECT, geometry(56, 64, 64, 3, 1, 1), p);
      expect(DIRECT, DIRECT, DIRECT, geometry(56, 128, 128, 3, 2, 1), p);
      expect(POINTWISE, POINTWISE, POINTWISE, geometry(56, 64, 256, 1, 1, 1), p);
      expect(DIRECT, DIRECT, DIRECT, geometry(56, 256, 512, 1, 2, 1), p);
      expect(DEPTHWISE, DEPTHWISE, DEPTHWISE, geometry(28, 96, 96, 3, 1, 96), p);
      expect(DIRECT, DIRECT, DIRECT, geometry(28, 96, 96, 3, 1, 4), p);
    }
    expect(FEW_CHANNELS, DIRECT, FEW_CHANNELS, geometry(224, 3, 64, 7, 2, 1), Profile.CPU);
  }

  @Test
  void winogradWantsWorkEnoughForItsLaunches() {
    ConvGeometry small = geometry(8, 32, 32, 3, 1, 1);
    assertEquals(DIRECT, ConvChoice.of(small, Pass.FORWARD, Profile.CPU));
    ConvGeometry shallow = geometry(56, 32, 64, 3, 1, 1);
    assertEquals(WINOGRAD, ConvChoice.of(shallow, Pass.FORWARD, Profile.CPU));
    assertEquals(DIRECT, ConvChoice.of(shallow, Pass.FORWARD, Profile.GPU));
    ConvGeometry odd = geometry(56, 60, 60, 3, 1, 1);
    assertNotEquals(WINOGRAD, ConvChoice.of(odd, Pass.FORWARD, Profile.CPU));
  }
}
