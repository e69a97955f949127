/**
 * Transfer learning: published weights and what their images must look like, features of a frozen
 * network, and fine-tuning.
 */
package dev.tilework.transfer;
