package dev.tilework.models;

import dev.tilework.autograd.Variable;
import dev.tilework.nn.AdaptiveAvgPool2d;
import dev.tilework.nn.AuxiliaryLogits;
import dev.tilework.nn.Composite;
import dev.tilework.nn.Dropout;
import dev.tilework.nn.Flatten;
import dev.tilework.nn.Init;
import dev.tilework.nn.Linear;
import dev.tilework.nn.MaxPool2d;
import dev.tilework.nn.Module;
import dev.tilework.nn.Sequential;
import java.util.List;

/**
 * Inception-v3: Szegedy et al., "Rethinking the Inception Architecture for Computer Vision", 2016.
 * Parts and names are torchvision's: {@code Conv2d_1a_3x3} and on, {@code Mixed_5b} to {@code
 * Mixed_7c}, {@code AuxLogits}, {@code fc}.
 */
final class Inception extends Composite implements AuxiliaryLogits {
  /** Of the auxiliary classifier's loss, as in torchvision's training reference. */
  private static final float AUXILIARY_WEIGHT = 0.4f;

  private static final int FEATURES = 2048;

  private final Module front;
  private final Module back;
  private final Module auxiliary;

  /** A network, with the auxiliary classifier or without. */
  Inception(int classes, boolean withAuxiliary) {
    front =
        new Sequential(
            child("Conv2d_1a_3x3", new ConvNormRelu(3, 32, 3, 2, 0)),
            child("Conv2d_2a_3x3", new ConvNormRelu(32, 32, 3, 1, 0)),
            child("Conv2d_2b_3x3", new ConvNormRelu(32, 64, 3, 1, 1)),
            child("maxpool1", new MaxPool2d(3, 2, 0)),
            child("Conv2d_3b_1x1", new ConvNormRelu(64, 80, 1, 1, 0)),
            child("Conv2d_4a_3x3", new ConvNormRelu(80, 192, 3, 1, 0)),
            child("maxpool2", new MaxPool2d(3, 2, 0)),
            child("Mixed_5b", InceptionBlock.a(192, 32)),
            child("Mixed_5c", InceptionBlock.a(256, 64)),
            child("Mixed_5d", InceptionBlock.a(288, 64)),
            child("Mixed_6a", InceptionBlock.b(288)),
            child("Mixed_6b", InceptionBlock.c(768, 128)),
            child("Mixed_6c", InceptionBlock.c(768, 160)),
            child("Mixed_6d", InceptionBlock.c(768, 160)),
            child("Mixed_6e", InceptionBlock.c(768, 192)));
    auxiliary = withAuxiliary ? child("AuxLogits", new InceptionAuxiliary(768, classes)) : null;
    back =
        new Sequential(
            child("Mixed_7a", InceptionBlock.d(768)),
            child("Mixed_7b", InceptionBlock.e(1280)),
            child("Mixed_7c", InceptionBlock.e(FEATURES)),
            child("avgpool", new AdaptiveAvgPool2d()),
            child("dropout", new Dropout(0.5f)),
            new Flatten(),
            child("fc", new Linear(FEATURES, classes, true, Init.normal(0.1f))));
    compose(new Sequential(front, back));
  }

  @Override
  public Outputs applyAll(Variable x) {
    Variable features = front.apply(x);
    List<Auxiliary> inside =
        auxiliary == null
            ? List.of()
            : List.of(new Auxiliary(auxiliary.apply(features), AUXILIARY_WEIGHT));
    return new Outputs(observed(back.apply(features)), inside);
  }
}
