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
  ELEMENT_VECTOR(8, 1, List.of(1, 4, 8, 16));

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

  List<Integer> legal() {
    return legal;
  }
}
