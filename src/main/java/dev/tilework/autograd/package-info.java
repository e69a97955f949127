/** Gradients: variables that remember how they were computed. */
package dev.tilework.autograd;
