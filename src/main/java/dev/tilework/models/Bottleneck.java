package dev.tilework.models;

import static dev.tilework.models.Layers.conv;

import dev.tilework.nn.BatchNorm2d;
import dev.tilework.nn.Composite;
import dev.tilework.nn.Conv2d;
import dev.tilework.nn.Module;
import dev.tilework.nn.Relu;
import dev.tilework.nn.Residual;
import dev.tilework.nn.Sequential;

/**
 * A 1x1, a 3x3 and a 1x1 convolution and a shortcut: He et al., 2016, figure 5 (right); with the
 * stride in the 3x3 convolution, as in torchvision and known as version 1.5.
 */
final class Bottleneck extends Composite {
  /** The channels of the result for each one of the inner convolutions. */
  static final int EXPANSION = 4;

  /** A block; the shortcut is the identity where {@code downsample} is null. */
  Bottleneck(int in, int width, int stride, Module downsample) {
    int out = width * EXPANSION;
    Conv2d conv1 = child("conv1", conv(in, width, 1, 1));
    BatchNorm2d bn1 = child("bn1", new BatchNorm2d(width));
    Conv2d conv2 = child("conv2", conv(width, width, 3, stride));
    BatchNorm2d bn2 = child("bn2", new BatchNorm2d(width));
    Conv2d conv3 = child("conv3", conv(width, out, 1, 1));
    BatchNorm2d bn3 = child("bn3", new BatchNorm2d(out));
    Module shortcut = downsample == null ? null : child("downsample", downsample);
    compose(
        new Residual(
            new Sequential(conv1, bn1, new Relu(), conv2, bn2, new Relu(), conv3, bn3), shortcut));
  }
}
