package dev.tilework.bench;

import java.util.List;

/**
 * What the GPU suite runs.
 *
 * @param layers convolutions
 * @param batches images a call of a convolution
 * @param products m, n and k of matrix products
 * @param images a batch of feature maps for the kernels that memory bounds: n, h, w, c
 * @param models their names
 * @param imageSize the rows and columns of the models' images
 * @param modelBatches images a call of a model
 * @param budget nanoseconds for the timing of a case
 * @param cold bytes between two uses of the same operand: no cache holds twice as many
 */
record SuitePlan(
    List<Layer> layers,
    List<Integer> batches,
    List<int[]> products,
    int[] images,
    List<String> models,
    int imageSize,
    List<Integer> modelBatches,
    long budget,
    long cold) {
  private static final int TOY_EXTENT = 8;
  private static final int TOY_CHANNELS = 12;

  /** All layers of the lists at the sizes that a GPU is made for. */
  static SuitePlan full() {
    return new SuitePlan(
        Layer.LISTS.stream().flatMap(l -> Layer.list(l).stream()).toList(),
        List.of(32, 256),
        List.of(
            new int[] {1024, 1024, 1024},
            new int[] {2048, 2048, 2048},
            new int[] {4096, 4096, 4096},
            new int[] {8192, 8192, 8192},
            new int[] {256, 1000, 2048},
            new int[] {256, 4096, 25088}),
        new int[] {128, 56, 56, 256},
        List.of("resnet50", "vgg16"),
        224,
        List.of(32, 128),
        30_000_000,
        128L << 20);
  }

  /** The first layers of each list, everything so small that it is done at once on any device. */
  static SuitePlan quick() {
    return new SuitePlan(
        Layer.LISTS.stream()
            .flatMap(
                list ->
                    Layer.list(list).stream().limit(2).map(l -> l.toy(TOY_EXTENT, TOY_CHANNELS)))
            .toList(),
        List.of(1, 3),
        List.of(new int[] {17, 20, 33}),
        new int[] {2, 8, 8, 12},
        List.of("resnet8"),
        8,
        List.of(2),
        1,
        1 << 16);
  }
}
