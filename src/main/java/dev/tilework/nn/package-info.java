/** Layers and networks with named parameters. */
package dev.tilework.nn;
