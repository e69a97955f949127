package dev.tilework.opencl;

import java.util.List;

/**
 * The sizes that kernels are compiled with, under these names as macros. What each one divides is
 * drawn at the head of the kernel file that uses it.
 */
enum Parameter {
  /** Work-items in the work group of a kernel that runs over a range of elements. */
  LINEAR_GROUP(64, 256, List.of(1, 16, 32, 64, 128, 256, 512)),

  /** Elements that a work-item of an element-wise kernel has. */
  ELEMENT_VECTOR(8, 1, List.of(1, 4, 8, 16)),

  /** Vectors side by side that a work-item has in passes over rows and columns; see columns.cl. */
  COLUMN_VECTORS(64, 1, List.of(1, 4, 16, 64)),

  /** The edge of the squares that a transpose is cut into on a CPU. */
  TRANSPOSE_SQUARE(16, 16, List.of(8, 16, 32)),

  /** Rows of a tile of a matrix product in registers; see matmul.cl. */
  REGISTER_ROWS(6, 6, List.of(1, 2, 3, 4, 5, 6, 8, 10, 12)),

  /** Floats of a vector in such a tile. */
  REGISTER_WIDTH(8, 8, List.of(4, 8, 16)),

  /** Vectors of columns in such a tile. */
  REGISTER_VECTORS(2, 2, List.of(1, 2, 3)),

  /** KiB of either factor that a work-item with such tiles may read. */
  REGISTER_BLOCK(128, 128, List.of(16, 32, 64, 128, 256, 512, 1024)),

  /** Channels of a work-item of Winograd's transforms; see winograd.cl. */
  WINOGRAD_WIDTH(8, 1, List.of(1, 4, 8)),

  /** KiB of transformed data that Winograd's convolution makes at a time. */
  WINOGRAD_BLOCK(
      8 << 10, 64 << 10, List.of(1 << 10, 2 << 10, 4 << 10, 8 << 10, 16 << 10, 64 << 10)),

  /** Neighbouring pixels of a work-item of a depthwise convolution; see depthwise.cl. */
  DEPTHWISE_COLUMNS(4, 4, List.of(1, 2, 4, 8)),

  /** Rows of the tile of a matrix product that a work group computes; see {@link LocalTile}. */
  LOCAL_M(64, 64, List.of(32, 64, 128)),

  /** Its columns. */
  LOCAL_N(64, 64, List.of(32, 64, 128)),

  /** Steps of the product that lie in local memory at a time. */
  LOCAL_K(16, 16, List.of(8, 16, 32)),

  /** Rows of a work-item. */
  LOCAL_ROWS(8, 8, List.of(4, 8)),

  /** Columns of a work-item. */
  LOCAL_COLUMNS(4, 4, List.of(4, 8));

  private final int cpu;
  private final int gpu;
  private final List<Integer> legal;

  Parameter(int cpu, int gpu, List<Integer> legal) {
    this.cpu = cpu;
    this.gpu = gpu;
    this.legal = legal;
  }

  int standard(Profile profile) {
    return profile == Profile.CPU ? cpu : gpu;
  }

  /** Whether the kernels of a profile depend on it. */
  boolean matters(Profile profile) {
    return switch (this) {
      case REGISTER_ROWS, REGISTER_WIDTH, REGISTER_VECTORS, REGISTER_BLOCK, TRANSPOSE_SQUARE ->
          profile == Profile.CPU;
      case LOCAL_M, LOCAL_N, LOCAL_K, LOCAL_ROWS, LOCAL_COLUMNS -> profile == Profile.GPU;
      default -> true;
    };
  }

  /**
   * The parameter of a name.
   *
   * @throws IllegalArgumentException naming those there are
   */
  static Parameter named(String name) {
    for (Parameter p : values()) {
      if (p.name().equals(name)) {
        return p;
      }
    }
    throw new IllegalArgumentException(
        "there is no parameter " + name + ", only " + List.of(values()));
  }

  List<Integer> legal() {
    return legal;
  }
}
