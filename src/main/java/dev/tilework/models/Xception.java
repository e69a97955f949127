package dev.tilework.models;

import dev.tilework.nn.AdaptiveAvgPool2d;
import dev.tilework.nn.BatchNorm2d;
import dev.tilework.nn.Composite;
import dev.tilework.nn.Conv2d;
import dev.tilework.nn.Flatten;
import dev.tilework.nn.Linear;
import dev.tilework.nn.Module;
import dev.tilework.nn.Relu;
import dev.tilework.nn.Sequential;
import java.util.ArrayList;
import java.util.List;

/**
 * Xception: Chollet, "Xception: Deep Learning with Depthwise Separable Convolutions", 2017, figure
 * 5. Parts and names are timm's ({@code legacy_xception}): {@code conv1} to {@code bn2}, {@code
 * block1} to {@code block12}, {@code conv3} to {@code bn4}, {@code fc}.
 */
final class Xception extends Composite {
  private static final int MIDDLE = 728;
  private static final int FEATURES = 2048;

  Xception(int classes) {
    List<Module> layers = new ArrayList<>();
    conv(layers, 1, new Conv2d(3, 32, 3).stride(2).withoutBias().weightInit(Layers.INIT), 32);
    conv(layers, 2, new Conv2d(32, 64, 3).withoutBias().weightInit(Layers.INIT), 64);
    layers.add(child("block1", XceptionBlock.entry(64, 128, false)));
    layers.add(child("block2", XceptionBlock.entry(128, 256, true)));
    layers.add(child("block3", XceptionBlock.entry(256, MIDDLE, true)));
    for (int i = 4; i < 12; i++) {
      layers.add(child("block" + i, XceptionBlock.middle(MIDDLE)));
    }
    layers.add(child("block12", XceptionBlock.exit(MIDDLE, 1024)));
    conv(layers, 3, Layers.separable(1024, 1536), 1536);
    conv(layers, 4, Layers.separable(1536, FEATURES), FEATURES);
    layers.add(child("global_pool", new AdaptiveAvgPool2d()));
    layers.add(new Flatten());
    layers.add(child("fc", new Linear(FEATURES, classes)));
    compose(new Sequential(layers));
  }

  private void conv(List<Module> layers, int number, Module conv, int out) {
    layers.add(child("conv" + number, conv));
    layers.add(child("bn" + number, new BatchNorm2d(out)));
    layers.add(new Relu());
  }
}
