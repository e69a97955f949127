package dev.tilework.models;

import dev.tilework.nn.AvgPool2d;
import dev.tilework.nn.Branches;
import dev.tilework.nn.Composite;
import dev.tilework.nn.MaxPool2d;
import dev.tilework.nn.Module;
import dev.tilework.nn.Sequential;
import java.util.ArrayList;
import java.util.List;

/**
 * The blocks of Inception-v3 by torchvision's letters: Szegedy et al., "Rethinking the Inception
 * Architecture for Computer Vision", 2016, figures 5 to 7 and 10. Each is given images (n, h, w,
 * in) and lays the channels of its branches one after another.
 */
final class InceptionBlock extends Composite {
  private final List<Module> branches = new ArrayList<>();

  private InceptionBlock() {}

  /** Two 3x3 convolutions instead of a 5x5 one (figure 5); 224 + pool channels, the same size. */
  static InceptionBlock a(int in, int pool) {
    InceptionBlock b = new InceptionBlock();
    b.branch(b.square("branch1x1", in, 64, 1, 1));
    b.branch(b.square("branch5x5_1", in, 48, 1, 1), b.square("branch5x5_2", 48, 64, 5, 1));
    b.branch(
        b.square("branch3x3dbl_1", in, 64, 1, 1),
        b.square("branch3x3dbl_2", 64, 96, 3, 1),
        b.square("branch3x3dbl_3", 96, 96, 3, 1));
    return b.pooled(in, pool);
  }

  /** Half the size, rounded down (figure 10): 480 + in channels. */
  static InceptionBlock b(int in) {
    InceptionBlock b = new InceptionBlock();
    b.branch(b.square("branch3x3", in, 384, 3, 2));
    b.branch(
        b.square("branch3x3dbl_1", in, 64, 1, 1),
        b.square("branch3x3dbl_2", 64, 96, 3, 1),
        b.square("branch3x3dbl_3", 96, 96, 3, 2));
    return b.halved();
  }

  /** 7x7 convolutions as a row and a column (figure 6): 768 channels, the same size. */
  static InceptionBlock c(int in, int inner) {
    InceptionBlock b = new InceptionBlock();
    b.branch(b.square("branch1x1", in, 192, 1, 1));
    b.branch(
        b.square("branch7x7_1", in, inner, 1, 1),
        b.line("branch7x7_2", inner, inner, 1, 7),
        b.line("branch7x7_3", inner, 192, 7, 1));
    b.branch(
        b.square("branch7x7dbl_1", in, inner, 1, 1),
        b.line("branch7x7dbl_2", inner, inner, 7, 1),
        b.line("branch7x7dbl_3", inner, inner, 1, 7),
        b.line("branch7x7dbl_4", inner, inner, 7, 1),
        b.line("branch7x7dbl_5", inner, 192, 1, 7));
    return b.pooled(in, 192);
  }

  /** Half the size, rounded down: 512 + in channels. */
  static InceptionBlock d(int in) {
    InceptionBlock b = new InceptionBlock();
    b.branch(b.square("branch3x3_1", in, 192, 1, 1), b.square("branch3x3_2", 192, 320, 3, 2));
    b.branch(
        b.square("branch7x7x3_1", in, 192, 1, 1),
        b.line("branch7x7x3_2", 192, 192, 1, 7),
        b.line("branch7x7x3_3", 192, 192, 7, 1),
        b.square("branch7x7x3_4", 192, 192, 3, 2));
    return b.halved();
  }

  /** A row and a column side by side (figure 7): 2048 channels, the same size. */
  static InceptionBlock e(int in) {
    InceptionBlock b = new InceptionBlock();
    b.branch(b.square("branch1x1", in, 320, 1, 1));
    b.branch(
        b.square("branch3x3_1", in, 384, 1, 1),
        new Branches(
            b.line("branch3x3_2a", 384, 384, 1, 3), b.line("branch3x3_2b", 384, 384, 3, 1)));
    b.branch(
        b.square("branch3x3dbl_1", in, 448, 1, 1),
        b.square("branch3x3dbl_2", 448, 384, 3, 1),
        new Branches(
            b.line("branch3x3dbl_3a", 384, 384, 1, 3), b.line("branch3x3dbl_3b", 384, 384, 3, 1)));
    return b.pooled(in, 192);
  }

  /** Stride 1 keeps the size; stride 2 has no padding. */
  private Module square(String name, int in, int out, int kernel, int stride) {
    return child(name, new ConvNormRelu(in, out, kernel, stride, stride == 1 ? kernel / 2 : 0));
  }

  private Module line(String name, int in, int out, int kernelH, int kernelW) {
    return child(name, ConvNormRelu.line(in, out, kernelH, kernelW));
  }

  private void branch(Module... layers) {
    branches.add(layers.length == 1 ? layers[0] : new Sequential(layers));
  }

  /** The last branch of a block that keeps the size. */
  private InceptionBlock pooled(int in, int out) {
    branch(new AvgPool2d(3, 1, 1, true), square("branch_pool", in, out, 1, 1));
    compose(new Branches(branches));
    return this;
  }

  /** The last branch of a block that halves it. */
  private InceptionBlock halved() {
    branch(new MaxPool2d(3, 2, 0));
    compose(new Branches(branches));
    return this;
  }
}
