package dev.tilework.models;

import static dev.tilework.models.Layers.conv;

import dev.tilework.autograd.Variable;
import dev.tilework.nn.BatchNorm2d;
import dev.tilework.nn.Conv2d;
import dev.tilework.nn.Module;

/** Two 3x3 convolutions and a shortcut: He et al., 2016, figure 5 (left). */
final class BasicBlock extends Module {
  private final Conv2d conv1;
  private final BatchNorm2d bn1;
  private final Conv2d conv2;
  private final BatchNorm2d bn2;
  private final Module downsample;

  /** A block; the shortcut is the identity where {@code downsample} is null. */
  BasicBlock(int in, int out, int stride, Module downsample) {
    conv1 = child("conv1", conv(in, out, 3, stride));
    bn1 = child("bn1", new BatchNorm2d(out));
    conv2 = child("conv2", conv(out, out, 3, 1));
    bn2 = child("bn2", new BatchNorm2d(out));
    this.downsample = downsample == null ? null : child("downsample", downsample);
  }

  @Override
  protected Variable forward(Variable x) {
    Variable shortcut = downsample == null ? x : downsample.apply(x);
    Variable y = bn1.relu(conv1.apply(x));
    return bn2.addRelu(conv2.apply(y), shortcut);
  }
}
