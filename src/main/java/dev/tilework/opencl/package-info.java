/**
 * The OpenCL device: finding, memory and launches, and for each family of operations a class that
 * chooses kernels and grids. The kernels are in {@code kernels/opencl}. Nothing outside of this
 * package imports from it.
 */
package dev.tilework.opencl;
