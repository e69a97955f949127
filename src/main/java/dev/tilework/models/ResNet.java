package dev.tilework.models;

import static dev.tilework.models.Layers.conv;

import dev.tilework.nn.AdaptiveAvgPool2d;
import dev.tilework.nn.BatchNorm2d;
import dev.tilework.nn.Composite;
import dev.tilework.nn.Conv2d;
import dev.tilework.nn.Flatten;
import dev.tilework.nn.Linear;
import dev.tilework.nn.MaxPool2d;
import dev.tilework.nn.Module;
import dev.tilework.nn.Relu;
import dev.tilework.nn.Sequential;
import java.util.ArrayList;
import java.util.List;

/**
 * Residual networks: He et al., "Deep Residual Learning for Image Recognition", 2016. Parts and
 * names are torchvision's: {@code conv1}, {@code bn1}, {@code layer1} and on, {@code fc}.
 */
final class ResNet extends Composite {
  /** Makes the n-th block of a stage. */
  private interface Block {
    Module make(int in, int width, int stride);
  }

  private ResNet(
      Conv2d stem,
      Module maxpool,
      int width,
      int[] depths,
      int expansion,
      Block block,
      int classes) {
    List<Module> layers = new ArrayList<>();
    layers.add(child("conv1", stem));
    layers.add(child("bn1", new BatchNorm2d(width)));
    layers.add(new Relu());
    if (maxpool != null) {
      layers.add(child("maxpool", maxpool));
    }
    int in = width;
    for (int stage = 0; stage < depths.length; stage++) {
      List<Module> blocks = new ArrayList<>();
      for (int i = 0; i < depths[stage]; i++) {
        blocks.add(block.make(in, width << stage, stage > 0 && i == 0 ? 2 : 1));
        in = (width << stage) * expansion;
      }
      layers.add(child("layer" + (stage + 1), new Sequential(blocks)));
    }
    layers.add(child("avgpool", new AdaptiveAvgPool2d()));
    layers.add(new Flatten());
    layers.add(child("fc", new Linear(in, classes)));
    compose(new Sequential(layers));
  }

  /** For ImageNet: a 7x7 stem of stride 2, max pooling, four stages. */
  static ResNet imageNet(int[] depths, boolean bottleneck, int classes) {
    return new ResNet(
        conv(3, 64, 7, 2),
        new MaxPool2d(3, 2, 1),
        64,
        depths,
        bottleneck ? Bottleneck.EXPANSION : 1,
        bottleneck
            ? (in, width, stride) ->
                new Bottleneck(
                    in, width, stride, projection(in, width * Bottleneck.EXPANSION, stride))
            : (in, width, stride) ->
                new BasicBlock(in, width, stride, projection(in, width, stride)),
        classes);
  }

  /**
   * For images of 32x32 (section 4.2 of the paper): a 3x3 stem of 16 channels and three stages of n
   * blocks, 6n + 2 layers, with shortcuts that have no parameters (option A).
   */
  static ResNet cifar(int n, int classes) {
    return new ResNet(
        conv(3, 16, 3, 1),
        null,
        16,
        new int[] {n, n, n},
        1,
        (in, width, stride) ->
            new BasicBlock(
                in,
                width,
                stride,
                in == width && stride == 1 ? null : new PaddedShortcut(in, width, stride)),
        classes);
  }

  /** The shortcut of option B: where the shape changes, a 1x1 convolution. */
  private static Module projection(int in, int out, int stride) {
    return in == out && stride == 1
        ? null
        : new Sequential(conv(in, out, 1, stride), new BatchNorm2d(out));
  }
}
