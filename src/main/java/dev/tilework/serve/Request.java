package dev.tilework.serve;

import dev.tilework.data.ImageSize;
import java.util.concurrent.CompletableFuture;

/** An image that waits for its result. */
record Request(float[] image, ImageSize size, long arrival, CompletableFuture<float[]> result) {}
