/** Inference for servers and for engines that spread it over machines. */
package dev.tilework.serve;
