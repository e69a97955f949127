package dev.tilework.models;

import static dev.tilework.models.Layers.conv;

import dev.tilework.nn.BatchNorm2d;
import dev.tilework.nn.Composite;
import dev.tilework.nn.Conv2d;
import dev.tilework.nn.Module;
import dev.tilework.nn.Relu;
import dev.tilework.nn.Residual;
import dev.tilework.nn.Sequential;

/** Two 3x3 convolutions and a shortcut: He et al., 2016, figure 5 (left). */
final class BasicBlock extends Composite {
  /** A block; the shortcut is the identity where {@code downsample} is null. */
  BasicBlock(int in, int out, int stride, Module downsample) {
    Conv2d conv1 = child("conv1", conv(in, out, 3, stride));
    BatchNorm2d bn1 = child("bn1", new BatchNorm2d(out));
    Conv2d conv2 = child("conv2", conv(out, out, 3, 1));
    BatchNorm2d bn2 = child("bn2", new BatchNorm2d(out));
    Module shortcut = downsample == null ? null : child("downsample", downsample);
    compose(new Residual(new Sequential(conv1, bn1, new Relu(), conv2, bn2), shortcut));
  }
}
