/** Labelled images, from folders or generated, as batches. */
package dev.tilework.data;
