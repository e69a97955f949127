package dev.tilework.data;

import dev.tilework.kernels.ImageOp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Reads samples and draws what happens to them. Used by several threads. */
final class BatchMaker {
  private final Dataset data;
  private final DataLoader.Options options;
  private final Augmentation augmentation;
  private final float[][] table;

  BatchMaker(Dataset data, DataLoader.Options options) {
    this.data = data;
    this.options = options;
    this.augmentation = options.augmentation();
    this.table = options.normalization().table();
  }

  Batch make(int epoch, int index, int[] samples) {
    List<Sample> read = new ArrayList<>(samples.length);
    int[] used = new int[samples.length];
    for (int i : samples) {
      try {
        read.add(data.sample(i));
        used[read.size() - 1] = i;
      } catch (CorruptImageException e) {
        continue; // The data set keeps account of it.
      }
    }
    int n = read.size();
    used = Arrays.copyOf(used, n);
    int[] labels = read.stream().mapToInt(Sample::label).toArray();
    BatchImages images = augmentation.warps() ? raw(epoch, read, used) : ready(epoch, read, used);
    return new Batch(
        index,
        images,
        labels,
        used,
        data.imageSize(),
        data.classes().size(),
        augmentation.mixes() ? mixing(epoch, used) : Mixing.none(n));
  }

  private Mixing mixing(int epoch, int... samples) {
    Mixing.Draw[] draws = new Mixing.Draw[samples.length];
    for (int i = 0; i < draws.length; i++) {
      ImageNumbers r = numbers(epoch, samples[i]);
      draws[i] = Mixing.draw(augmentation, data.imageSize(), r);
    }
    return Mixing.of(draws);
  }

  private ImageNumbers numbers(int epoch, int sample) {
    return new ImageNumbers(options.seed(), epoch, sample);
  }

  private BatchImages ready(int epoch, List<Sample> read, int... samples) {
    ImageSize size = data.imageSize();
    float[] out = new float[Math.multiplyExact(samples.length, size.bytes())];
    for (int i = 0; i < samples.length; i++) {
      Move.draw(augmentation, numbers(epoch, samples[i]))
          .write(read.get(i).pixels(), size, table, out, i * size.bytes());
    }
    return new BatchImages.Ready(out);
  }

  private BatchImages raw(int epoch, List<Sample> read, int... samples) {
    ImageSize size = data.imageSize();
    byte[] pixels = new byte[Math.multiplyExact(samples.length, size.bytes())];
    int each = ImageOp.warpParameters(size.channels());
    float[] parameters = new float[samples.length * each];
    for (int i = 0; i < samples.length; i++) {
      System.arraycopy(read.get(i).pixels(), 0, pixels, i * size.bytes(), size.bytes());
      ImageNumbers r = numbers(epoch, samples[i]);
      Geometry.draw(augmentation, size, r).write(parameters, i * each);
      Colour.draw(augmentation, r)
          .write(
              augmentation, options.normalization(), parameters, i * each + ImageOp.WARP_GEOMETRY);
    }
    long stream = ImageNumbers.noiseStream(epoch);
    return new BatchImages.Raw(pixels, parameters, samples, options.seed(), stream);
  }
}
