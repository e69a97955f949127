/** Evaluations as one HTML file, with pictures, for people. */
package dev.tilework.report;
