/**
 * The CPU device, on the Vector API and all cores. Nothing outside of this package imports from it.
 */
package dev.tilework.cpu;
