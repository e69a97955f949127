package dev.tilework.data;

/**
 * One labelled image.
 *
 * @param pixels unsigned bytes, rows x columns x channels; not to be changed, a cache may share it
 * @param label the number of its class
 */
public record Sample(byte[] pixels, int label) {}
