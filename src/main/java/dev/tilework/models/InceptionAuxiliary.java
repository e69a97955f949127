package dev.tilework.models;

import dev.tilework.autograd.Variable;
import dev.tilework.kernels.ConvOptions;
import dev.tilework.nn.AdaptiveAvgPool2d;
import dev.tilework.nn.AvgPool2d;
import dev.tilework.nn.Flatten;
import dev.tilework.nn.Init;
import dev.tilework.nn.Linear;
import dev.tilework.nn.Module;
import dev.tilework.nn.Sequential;

/**
 * The auxiliary classifier of Inception-v3: Szegedy et al., 2016, figure 8, as torchvision has it.
 */
final class InceptionAuxiliary extends Module {
  /** What pooling by 5x5 at stride 3 leaves at least the 5x5 of the convolution behind it of. */
  private static final int LEAST = 17;

  private final Module whole;

  InceptionAuxiliary(int in, int classes) {
    whole =
        new Sequential(
            new AvgPool2d(5, 3, 0, true),
            child("conv0", new ConvNormRelu(in, 128, 1, 1, 0)),
            child("conv1", new ConvNormRelu(128, 768, 5, 5, ConvOptions.DEFAULT, 0.01f)),
            new AdaptiveAvgPool2d(),
            new Flatten(),
            child("fc", new Linear(768, classes, true, Init.normal(0.001f))));
  }

  @Override
  protected Variable forward(Variable x) {
    if (x.shape().dim(1) < LEAST || x.shape().dim(2) < LEAST) {
      throw new IllegalArgumentException(
          "inception_v3: its auxiliary classifier is given "
              + x.shape()
              + ", expected at least 17 rows and columns, which images of 299x299 give; train"
              + " inception_v3_no_aux with smaller images");
    }
    return whole.apply(x);
  }
}
