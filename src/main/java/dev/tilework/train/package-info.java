/** Training: optimizers, schedules, the training loop and its checkpoints. */
package dev.tilework.train;
