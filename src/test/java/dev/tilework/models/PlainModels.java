package dev.tilework.models;

import static dev.tilework.models.PlainNetwork.adaptiveAvgPool;
import static dev.tilework.models.PlainNetwork.add;
import static dev.tilework.models.PlainNetwork.avgPool;
import static dev.tilework.models.PlainNetwork.concat;
import static dev.tilework.models.PlainNetwork.maxPool;
import static dev.tilework.models.PlainNetwork.relu;

import dev.tilework.Tensor;
import dev.tilework.models.PlainNetwork.Image;
import java.util.Map;

/** Inference of whole networks in double precision, written out from the papers' tables. */
final class PlainModels {
  private final PlainNetwork n;

  private PlainModels(Map<String, Tensor> state, double eps) {
    n = new PlainNetwork(state, eps);
  }

  /** The logits of an image. */
  static double[] logits(String model, Map<String, Tensor> state, Image x) {
    return switch (model) {
      case "vgg16" -> new PlainModels(state, Double.NaN).vgg16(x).a();
      case "resnet50" -> new PlainModels(state, 1e-5).resnet50(x).a();
      case "inception_v3" -> new PlainModels(state, 1e-3).inception(x).a();
      case "xception" -> new PlainModels(state, 1e-5).xception(x).a();
      default -> throw new IllegalArgumentException(model);
    };
  }

  private Image vgg16(Image image) {
    int[][] stages = {{0, 2}, {5, 7}, {10, 12, 14}, {17, 19, 21}, {24, 26, 28}};
    Image x = image;
    for (int[] stage : stages) {
      for (int i : stage) {
        x = relu(n.conv(x, "features." + i, 1, 1, 1));
      }
      x = maxPool(x, 2, 2, 0);
    }
    x = relu(n.linear(adaptiveAvgPool(x, 7), "classifier.0"));
    return n.linear(relu(n.linear(x, "classifier.3")), "classifier.6");
  }

  private Image resnet50(Image image) {
    Image x = relu(n.norm(n.conv(image, "conv1", 2, 3, 3), "bn1"));
    x = maxPool(x, 3, 2, 1);
    int[] depths = {3, 4, 6, 3};
    for (int stage = 1; stage <= 4; stage++) {
      for (int block = 0; block < depths[stage - 1]; block++) {
        String b = "layer" + stage + "." + block + ".";
        int stride = stage > 1 && block == 0 ? 2 : 1;
        Image y = relu(n.norm(n.conv(x, b + "conv1", 1, 0, 0), b + "bn1"));
        y = relu(n.norm(n.conv(y, b + "conv2", stride, 1, 1), b + "bn2"));
        y = n.norm(n.conv(y, b + "conv3", 1, 0, 0), b + "bn3");
        Image shortcut =
            block > 0 ? x : n.norm(n.conv(x, b + "downsample.0", stride, 0, 0), b + "downsample.1");
        x = relu(add(y, shortcut));
      }
    }
    return n.linear(adaptiveAvgPool(x, 1), "fc");
  }

  private Image cnr(Image x, String name, int stride, int padH, int padW) {
    return relu(n.norm(n.conv(x, name + ".conv", stride, padH, padW), name + ".bn"));
  }

  private Image inception(Image image) {
    Image x = cnr(image, "Conv2d_1a_3x3", 2, 0, 0);
    x = cnr(x, "Conv2d_2a_3x3", 1, 0, 0);
    x = maxPool(cnr(x, "Conv2d_2b_3x3", 1, 1, 1), 3, 2, 0);
    x = cnr(x, "Conv2d_3b_1x1", 1, 0, 0);
    x = maxPool(cnr(x, "Conv2d_4a_3x3", 1, 0, 0), 3, 2, 0);
    for (String block : new String[] {"Mixed_5b.", "Mixed_5c.", "Mixed_5d."}) {
      Image five = cnr(cnr(x, block + "branch5x5_1", 1, 0, 0), block + "branch5x5_2", 1, 2, 2);
      x = concat(one(x, block), five, doubled(x, block, 1, 1), pooled(x, block));
    }
    x =
        concat(
            cnr(x, "Mixed_6a.branch3x3", 2, 0, 0),
            doubled(x, "Mixed_6a.", 2, 0),
            maxPool(x, 3, 2, 0));
    for (String block : new String[] {"Mixed_6b.", "Mixed_6c.", "Mixed_6d.", "Mixed_6e."}) {
      Image seven = cnr(x, block + "branch7x7_1", 1, 0, 0);
      seven = cnr(cnr(seven, block + "branch7x7_2", 1, 0, 3), block + "branch7x7_3", 1, 3, 0);
      Image twice = cnr(x, block + "branch7x7dbl_1", 1, 0, 0);
      for (int i = 2; i <= 5; i++) {
        boolean column = i % 2 == 0;
        twice = cnr(twice, block + "branch7x7dbl_" + i, 1, column ? 3 : 0, column ? 0 : 3);
      }
      x = concat(one(x, block), seven, twice, pooled(x, block));
    }
    Image three = cnr(x, "Mixed_7a.branch3x3_1", 1, 0, 0);
    Image both = cnr(x, "Mixed_7a.branch7x7x3_1", 1, 0, 0);
    both = cnr(cnr(both, "Mixed_7a.branch7x7x3_2", 1, 0, 3), "Mixed_7a.branch7x7x3_3", 1, 3, 0);
    x =
        concat(
            cnr(three, "Mixed_7a.branch3x3_2", 2, 0, 0),
            cnr(both, "Mixed_7a.branch7x7x3_4", 2, 0, 0),
            maxPool(x, 3, 2, 0));
    for (String block : new String[] {"Mixed_7b.", "Mixed_7c."}) {
      Image a = cnr(x, block + "branch3x3_1", 1, 0, 0);
      Image b = cnr(x, block + "branch3x3dbl_1", 1, 0, 0);
      b = cnr(b, block + "branch3x3dbl_2", 1, 1, 1);
      x =
          concat(
              one(x, block),
              cnr(a, block + "branch3x3_2a", 1, 0, 1),
              cnr(a, block + "branch3x3_2b", 1, 1, 0),
              cnr(b, block + "branch3x3dbl_3a", 1, 0, 1),
              cnr(b, block + "branch3x3dbl_3b", 1, 1, 0),
              pooled(x, block));
    }
    return n.linear(adaptiveAvgPool(x, 1), "fc");
  }

  private Image one(Image x, String block) {
    return cnr(x, block + "branch1x1", 1, 0, 0);
  }

  private Image doubled(Image x, String block, int stride, int pad) {
    Image y = cnr(x, block + "branch3x3dbl_1", 1, 0, 0);
    y = cnr(y, block + "branch3x3dbl_2", 1, 1, 1);
    return cnr(y, block + "branch3x3dbl_3", stride, pad, pad);
  }

  private Image pooled(Image x, String block) {
    return cnr(avgPool(x, 3, 1, 1), block + "branch_pool", 1, 0, 0);
  }

  private Image separable(Image x, String name) {
    return n.conv(n.conv(x, name + ".conv1", 1, 1, 1), name + ".pointwise", 1, 0, 0);
  }

  private Image xception(Image image) {
    Image x = relu(n.norm(n.conv(image, "conv1", 2, 0, 0), "bn1"));
    x = relu(n.norm(n.conv(x, "conv2", 1, 0, 0), "bn2"));
    for (int i = 1; i <= 12; i++) {
      String block = "block" + i + ".";
      Image y = x;
      // Positions in rep: relu, separable, norm and so on; block1 lacks the first relu.
      int at = 0;
      for (int rep = 0; rep < (n.has(block + "skip.weight") ? 2 : 3); rep++) {
        if (i > 1 || rep > 0) {
          y = relu(y);
          at++;
        }
        y = n.norm(separable(y, block + "rep." + at), block + "rep." + (at + 1));
        at += 2;
      }
      x =
          n.has(block + "skip.weight")
              ? add(
                  maxPool(y, 3, 2, 1), n.norm(n.conv(x, block + "skip", 2, 0, 0), block + "skipbn"))
              : add(y, x);
    }
    x = relu(n.norm(separable(x, "conv3"), "bn3"));
    x = relu(n.norm(separable(x, "conv4"), "bn4"));
    return n.linear(adaptiveAvgPool(x, 1), "fc");
  }
}
