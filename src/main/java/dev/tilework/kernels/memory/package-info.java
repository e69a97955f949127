/**
 * What devices share in keeping memory: a pool of blocks, a count of bytes, and weights in a
 * kernel's own order.
 */
package dev.tilework.kernels.memory;
