/**
 * Benchmarks: each result is checked before it is timed and stands beside the machine's ceiling.
 */
package dev.tilework.bench;
