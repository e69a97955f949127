package dev.tilework.bench.peers;

import dev.tilework.bench.Pass;
import dev.tilework.kernels.ConvGeometry;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.nd4j.enums.WeightsFormat;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.Conv2DConfig;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.PaddingMode;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.Pooling2DConfig;
import org.nd4j.linalg.factory.Environment;
import org.nd4j.linalg.factory.ops.NDCNN;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * ND4J's operations on arrays, in both of its image formats. Its gradients of a convolution come as
 * one operation that makes all of them, so that there is nothing to set beside one of ours.
 */
public final class Nd4j implements Contestant {
  private static final String NCHW = "nchw";
  private static final String NHWC = "nhwc";

  /** Made by the service loader. */
  public Nd4j() {}

  @Override
  public String name() {
    return "nd4j";
  }

  @Override
  public String version() {
    // Its jars tell it in their names alone.
    return Path.of(INDArray.class.getProtectionDomain().getCodeSource().getLocation().getPath())
        .getFileName()
        .toString()
        .replaceAll("^nd4j-api-|\\.jar$", "");
  }

  @Override
  public void threads(int count) {
    Environment on = org.nd4j.linalg.factory.Nd4j.getEnvironment();
    on.setMaxThreads(count);
    on.setMaxMasterThreads(count);
  }

  @Override
  public List<String> forms(Task task) {
    List<String> both = List.of(NCHW, NHWC);
    return switch (task) {
      case Task.Convolution c -> c.of() == Pass.FORWARD ? both : List.of();
      case Task.Product p -> List.of("");
      case Task.Memory m ->
          switch (m.kind()) {
            case RELU, ADD -> List.of(NHWC);
            case SOFTMAX -> List.of(NHWC);
            case MAX_POOL -> both;
            default -> List.of();
          };
      case Task.Network n -> List.of();
    };
  }

  @Override
  public Call prepare(Task task, String form) {
    boolean last = form.equals(NHWC);
    return switch (task) {
      case Task.Convolution c -> convolution(c.layer().geometry(c.batch()), last);
      case Task.Product p -> {
        INDArray a = of(Data.first((long) p.m() * p.k()), p.m(), p.k());
        INDArray b = of(Data.second((long) p.n() * p.k()), p.n(), p.k());
        yield new ArrayCall(
            () -> org.nd4j.linalg.factory.Nd4j.gemm(a, b, false, true).dup('c'), false, a, b);
      }
      case Task.Memory m -> memory(m, last);
      case Task.Network n -> throw new UnsupportedOperationException("no networks");
    };
  }

  private static INDArray of(float[] values, long... dims) {
    return org.nd4j.linalg.factory.Nd4j.create(values, dims, 'c');
  }

  private static INDArray images(boolean last, float[] nhwc, int n, int h, int w, int c) {
    return last ? of(nhwc, n, h, w, c) : of(Data.nchw(nhwc, n, h, w, c), n, c, h, w);
  }

  private static NDCNN cnn() {
    return org.nd4j.linalg.factory.Nd4j.cnn();
  }

  private static Call convolution(ConvGeometry g, boolean last) {
    boolean depthwise = g.groups() > 1;
    INDArray x = images(last, Data.first(g.inputShape().elements()), g.n(), g.h(), g.w(), g.c());
    float[] values = Data.second(g.weightShape().elements());
    int in = g.c() / g.groups();
    INDArray w;
    if (depthwise) {
      int window = g.kernelH() * g.kernelW();
      // From (c, kernelH, kernelW, 1) to (kernelH, kernelW, c, 1).
      w = of(Data.nchw(values, 1, 1, g.o(), window), g.kernelH(), g.kernelW(), g.c(), 1);
    } else {
      w = images(last, values, g.o(), g.kernelH(), g.kernelW(), in);
    }
    Conv2DConfig config =
        Conv2DConfig.builder()
            .kH(g.kernelH())
            .kW(g.kernelW())
            .sH(g.strideH())
            .sW(g.strideW())
            .pH(g.padTop())
            .pW(g.padLeft())
            .dH(1)
            .dW(1)
            .paddingMode(PaddingMode.VALID)
            .dataFormat(last ? Conv2DConfig.NHWC : Conv2DConfig.NCHW)
            .weightsFormat(
                depthwise ? WeightsFormat.YXIO : last ? WeightsFormat.OYXI : WeightsFormat.OIYX)
            .build();
    Supplier<INDArray> call =
        depthwise ? () -> cnn().depthWiseConv2d(x, w, config) : () -> cnn().conv2d(x, w, config);
    return new ArrayCall(call, !last, x, w);
  }

  private static Call memory(Task.Memory m, boolean last) {
    long count = (long) m.n() * m.h() * m.w() * m.c();
    INDArray x = images(last, Data.images(0, count), m.n(), m.h(), m.w(), m.c());
    INDArray y =
        m.kind() == Task.Memory.Kind.ADD
            ? images(last, Data.images(1, count), m.n(), m.h(), m.w(), m.c())
            : x;
    Pooling2DConfig pool =
        Pooling2DConfig.builder()
            .kH(3)
            .kW(3)
            .sH(2)
            .sW(2)
            .pH(1)
            .pW(1)
            .dH(1)
            .dW(1)
            .paddingMode(PaddingMode.VALID)
            .isNHWC(last)
            .build();
    Supplier<INDArray> call =
        switch (m.kind()) {
          case RELU -> () -> Transforms.relu(x, true);
          case ADD -> () -> x.add(y);
          case SOFTMAX -> () -> org.nd4j.linalg.factory.Nd4j.nn().softmax(x, 3);
          case MAX_POOL -> () -> cnn().maxPooling2d(x, pool);
          default -> throw new UnsupportedOperationException(m.name());
        };
    return new ArrayCall(call, !last, x, y);
  }
}
