/**
 * Tilework beside other libraries in the same run: {@code ./tilework bench --peers}. Each library
 * works in a process of its own; the one that drives them asks for turns one after another, so that
 * two never compute at once. The libraries' sides are in {@code bench/peers}, a Maven project for
 * each; what all share is here, so that it is tested with the library.
 */
package dev.tilework.bench.peers;
