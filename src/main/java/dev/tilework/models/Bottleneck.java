package dev.tilework.models;

import static dev.tilework.models.Layers.conv;

import dev.tilework.autograd.Variable;
import dev.tilework.nn.BatchNorm2d;
import dev.tilework.nn.Conv2d;
import dev.tilework.nn.Module;

/**
 * A 1x1, a 3x3 and a 1x1 convolution and a shortcut: He et al., 2016, figure 5 (right); with the
 * stride in the 3x3 convolution, as in torchvision and known as version 1.5.
 */
final class Bottleneck extends Module {
  /** The channels of the result for each one of the inner convolutions. */
  static final int EXPANSION = 4;

  private final Conv2d conv1;
  private final BatchNorm2d bn1;
  private final Conv2d conv2;
  private final BatchNorm2d bn2;
  private final Conv2d conv3;
  private final BatchNorm2d bn3;
  private final Module downsample;

  /** A block; the shortcut is the identity where {@code downsample} is null. */
  Bottleneck(int in, int width, int stride, Module downsample) {
    int out = width * EXPANSION;
    conv1 = child("conv1", conv(in, width, 1, 1));
    bn1 = child("bn1", new BatchNorm2d(width));
    conv2 = child("conv2", conv(width, width, 3, stride));
    bn2 = child("bn2", new BatchNorm2d(width));
    conv3 = child("conv3", conv(width, out, 1, 1));
    bn3 = child("bn3", new BatchNorm2d(out));
    this.downsample = downsample == null ? null : child("downsample", downsample);
  }

  @Override
  protected Variable forward(Variable x) {
    Variable shortcut = downsample == null ? x : downsample.apply(x);
    Variable y = bn1.relu(conv1.apply(x));
    y = bn2.relu(conv2.apply(y));
    return bn3.addRelu(conv3.apply(y), shortcut);
  }
}
