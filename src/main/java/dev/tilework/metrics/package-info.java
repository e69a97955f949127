/** How good predictions are: accuracy, confusion matrix, precision, recall, F1. */
package dev.tilework.metrics;
