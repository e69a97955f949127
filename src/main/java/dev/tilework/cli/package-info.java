/** The command line: each command turns options into calls of the public API. */
package dev.tilework.cli;
