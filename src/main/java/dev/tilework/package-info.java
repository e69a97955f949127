/**
 * Tensors, the devices that hold them and the scopes that free them: what a program imports first.
 */
package dev.tilework;
