package dev.tilework.models;

import dev.tilework.nn.AdaptiveAvgPool2d;
import dev.tilework.nn.BatchNorm2d;
import dev.tilework.nn.Composite;
import dev.tilework.nn.Conv2d;
import dev.tilework.nn.Dropout;
import dev.tilework.nn.Flatten;
import dev.tilework.nn.Init;
import dev.tilework.nn.Linear;
import dev.tilework.nn.MaxPool2d;
import dev.tilework.nn.Module;
import dev.tilework.nn.Relu;
import dev.tilework.nn.Sequential;
import java.util.ArrayList;
import java.util.List;

/**
 * Five stages of 3x3 convolutions, each halved by max pooling, and three linear layers: Simonyan
 * and Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition", 2015. Parts
 * and names are torchvision's: {@code features}, {@code avgpool}, {@code classifier}.
 */
final class Vgg extends Composite {
  private static final int[] WIDTHS = {64, 128, 256, 512, 512};
  private static final int HIDDEN = 4096;
  private static final int GRID = 7;

  /**
   * A network.
   *
   * @param depths the convolutions of each stage
   * @param norm whether a batch normalization follows each convolution
   */
  Vgg(int[] depths, boolean norm, int classes) {
    this(depths, norm, classes, HIDDEN);
  }

  /** A network whose inner linear layers have another width. */
  Vgg(int[] depths, boolean norm, int classes, int hidden) {
    Module features = child("features", features(depths, norm));
    Module avgpool = child("avgpool", new AdaptiveAvgPool2d(GRID, GRID));
    Init init = Init.normal(0.01f);
    Module classifier =
        child(
            "classifier",
            new Sequential(
                new Linear(WIDTHS[4] * GRID * GRID, hidden, true, init).ofImage(GRID, GRID),
                new Relu(),
                new Dropout(0.5f),
                new Linear(hidden, hidden, true, init),
                new Relu(),
                new Dropout(0.5f),
                new Linear(hidden, classes, true, init)));
    compose(new Sequential(features, avgpool, new Flatten(), classifier));
  }

  private static Sequential features(int[] depths, boolean norm) {
    List<Module> layers = new ArrayList<>();
    int in = 3;
    for (int stage = 0; stage < depths.length; stage++) {
      int out = WIDTHS[stage];
      for (int i = 0; i < depths[stage]; i++) {
        layers.add(
            new Conv2d(in, out, 3)
                .padding(1)
                .weightInit(Init.kaimingNormal(Init.Fan.OUT, Init.RELU_GAIN)));
        if (norm) {
          layers.add(new BatchNorm2d(out));
        }
        layers.add(new Relu());
        in = out;
      }
      layers.add(new MaxPool2d(2));
    }
    return new Sequential(layers);
  }
}
