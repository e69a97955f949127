/**
 * The contract every device fulfils: the table of operations, their geometry, and the driver that
 * runs them.
 */
package dev.tilework.kernels;
