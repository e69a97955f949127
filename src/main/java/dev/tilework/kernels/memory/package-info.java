/** What devices share in keeping memory: a pool of blocks, and weights in a kernel's own order. */
package dev.tilework.kernels.memory;
