package dev.tilework.data;

import dev.tilework.DType;
import dev.tilework.Device;
import dev.tilework.Tensor;
import dev.tilework.kernels.ImageOp;
import java.lang.foreign.MemorySegment;

/** The images of a batch on their way to a device. */
sealed interface BatchImages {
  /** The images as a float32 tensor (n, height, width, channels), normalised. */
  Tensor on(Device device, int n, ImageSize size);

  /**
   * Made ready by the loader.
   *
   * @param values normalised, NHWC
   */
  record Ready(float[] values) implements BatchImages {
    @Override
    public Tensor on(Device device, int n, ImageSize size) {
      int[] dims = {n, size.height(), size.width(), size.channels()};
      return Tensor.from(device, MemorySegment.ofArray(values), DType.FLOAT32, dims);
    }
  }

  /**
   * To be changed and normalised by the device.
   *
   * @param pixels as they were read, NHWC
   * @param parameters of {@link ImageOp.Warp}
   * @param numbers the place of each image in the data set
   * @param seed of the noise
   * @param stream of the noise
   */
  record Raw(byte[] pixels, float[] parameters, int[] numbers, long seed, long stream)
      implements BatchImages {
    @Override
    public Tensor on(Device device, int n, ImageSize size) {
      int[] dims = {n, size.height(), size.width(), size.channels()};
      int each = ImageOp.warpParameters(size.channels());
      try (Tensor x = Tensor.ofBytes(device, pixels, dims);
          Tensor t = Tensor.of(device, parameters, n, each);
          Tensor k = Tensor.ofInts(device, numbers, n)) {
        ImageOp.Warp op = new ImageOp.Warp(size.height(), size.width(), seed, stream);
        return device.run1(op, x, t, k);
      }
    }
  }
}
