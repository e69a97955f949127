/**
 * A plain double-precision implementation of every operation: the specification that devices are
 * compared with. It favours being read over being fast, and depends on no test framework.
 */
package dev.tilework.kernels.reference;
