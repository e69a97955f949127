/**
 * How good predictions are: accuracy, confusion matrix, precision, recall, F1, ROC and
 * precision-recall curves, calibration.
 */
package dev.tilework.metrics;
