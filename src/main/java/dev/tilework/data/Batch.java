package dev.tilework.data;

import dev.tilework.DType;
import dev.tilework.Device;
import dev.tilework.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * Images that are processed together.
 *
 * @param index the batch's place in its epoch, from 0
 * @param images normalised values, NHWC
 * @param labels the class of each image
 * @param samples the place of each image in the data set
 * @param imageSize the extents of each image
 */
public record Batch(int index, float[] images, int[] labels, int[] samples, ImageSize imageSize) {
  /** The number of images. */
  public int size() {
    return labels.length;
  }

  /** The images as a float32 tensor (n, height, width, channels). */
  public Tensor images(Device device) {
    return Tensor.from(
        device,
        MemorySegment.ofArray(images),
        DType.FLOAT32,
        size(),
        imageSize.height(),
        imageSize.width(),
        imageSize.channels());
  }

  /** The labels as an int32 tensor (n). */
  public Tensor labels(Device device) {
    return Tensor.ofInts(device, labels, size());
  }
}
