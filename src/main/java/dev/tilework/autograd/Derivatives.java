package dev.tilework.autograd;

import dev.tilework.Device;
import dev.tilework.Shape;
import dev.tilework.Tensor;
import dev.tilework.kernels.Activation;
import dev.tilework.kernels.ActivationOp;
import dev.tilework.kernels.ConvOp;
import dev.tilework.kernels.ElementwiseOp;
import dev.tilework.kernels.ElementwiseOp.Binary;
import dev.tilework.kernels.ImageOp;
import dev.tilework.kernels.LayoutOp;
import dev.tilework.kernels.LossOp;
import dev.tilework.kernels.MatmulOp;
import dev.tilework.kernels.NormOp;
import dev.tilework.kernels.Op;
import dev.tilework.kernels.OptimizerOp;
import dev.tilework.kernels.PoolOp;
import dev.tilework.kernels.RandomOp;
import dev.tilework.kernels.ReduceOp;
import dev.tilework.kernels.ReduceOp.Reduce;
import dev.tilework.kernels.SoftmaxOp;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The derivative of each operation: from the gradient to its first result, the gradients to its
 * operands. Operations that are gradients themselves have none; differentiating twice is not
 * supported. One exception is {@link ConvOp.DataGrad}, which is also the transposed convolution.
 */
final class Derivatives {
  private static final Binary ADD = new Binary(Binary.Kind.ADD);
  private static final Binary MULTIPLY = new Binary(Binary.Kind.MULTIPLY);
  private static final Binary DIVIDE = new Binary(Binary.Kind.DIVIDE);

  private Derivatives() {}

  static Tensor[] of(Op op, Node n, Tensor dy) {
    return switch (op) {
      case ConvOp o -> conv(o, n, dy);
      case MatmulOp.Matmul o -> matmul(o, n, dy);
      case PoolOp o -> new Tensor[] {pool(o, n, dy)};
      case ActivationOp.Apply o -> new Tensor[] {activation(o.activation(), n, dy)};
      case SoftmaxOp.Softmax o ->
          new Tensor[] {n.device().run1(new SoftmaxOp.Grad(o.log()), dy, n.output(0))};
      case NormOp o -> norm(o, n, dy);
      case LossOp o -> loss(o, n, dy);
      case ElementwiseOp o -> elementwise(o, n, dy);
      case ReduceOp.Reduce o -> new Tensor[] {reduce(o, n, dy)};
      case LayoutOp o -> layout(o, n, dy);
      case RandomOp.Dropout o -> new Tensor[] {n.device().run1(o, dy)};
      case ActivationOp.Grad o -> throw none(o);
      case SoftmaxOp.Grad o -> throw none(o);
      case ReduceOp o -> throw none(o);
      case RandomOp o -> throw none(o);
      case OptimizerOp o -> throw none(o);
      case ImageOp o -> throw none(o);
    };
  }

  private static UnsupportedOperationException none(Op op) {
    return new UnsupportedOperationException(op.name() + " has no derivative");
  }

  private static Tensor[] conv(ConvOp op, Node n, Tensor dy) {
    Device d = n.device();
    return switch (op) {
      case ConvOp.Forward o -> {
        Tensor[] g = new Tensor[n.inputs.length];
        Tensor dz = o.activation().equals(Activation.IDENTITY) ? dy : fused(o, n, dy);
        g[0] = n.wants(0) ? d.run1(new ConvOp.DataGrad(o.geometry()), dz, n.input(1)) : null;
        g[1] = n.wants(1) ? d.run1(new ConvOp.WeightGrad(o.geometry()), n.input(0), dz) : null;
        if (o.bias() && n.wants(2)) {
          g[2] = d.run1(new Reduce(Reduce.Kind.SUM, List.of(0, 1, 2), false), dz);
        }
        if (o.residual() && n.wants(g.length - 1)) {
          g[g.length - 1] = same(dz);
        }
        yield g;
      }
      // y = DataGrad(x, w): the roles of image and output are exchanged.
      case ConvOp.DataGrad o ->
          new Tensor[] {
            n.wants(0) ? d.run1(new ConvOp.Forward(o.geometry()), dy, n.input(1)) : null,
            n.wants(1) ? d.run1(new ConvOp.WeightGrad(o.geometry()), dy, n.input(0)) : null
          };
      case ConvOp.WeightGrad o -> throw none(o);
    };
  }

  private static Tensor fused(ConvOp.Forward o, Node n, Tensor dy) {
    if (!o.activation().gradientFromOutput()) {
      throw new UnsupportedOperationException(
          "conv2d with "
              + o.activation().label()
              + " fused into it has no derivative; apply the activation as an operation of its own");
    }
    return n.device().run1(new ActivationOp.Grad(o.activation()), dy, n.output(0));
  }

  private static Tensor[] matmul(MatmulOp.Matmul o, Node n, Tensor dy) {
    Device d = n.device();
    Tensor[] g = new Tensor[n.inputs.length];
    boolean ta = o.transposeA();
    boolean tb = o.transposeB();
    if (n.wants(0)) {
      // A = op(a): dA = dy B^T, and da its transpose where op transposes.
      Tensor b = n.input(1);
      g[0] =
          ta
              ? d.run1(new MatmulOp.Matmul(tb, true, false), b, dy)
              : d.run1(new MatmulOp.Matmul(false, !tb, false), dy, b);
    }
    if (n.wants(1)) {
      Tensor a = n.input(0);
      g[1] =
          tb
              ? d.run1(new MatmulOp.Matmul(true, ta, false), dy, a)
              : d.run1(new MatmulOp.Matmul(!ta, false, false), a, dy);
    }
    if (o.bias() && n.wants(2)) {
      g[2] = d.run1(new Reduce(Reduce.Kind.SUM, List.of(0), false), dy);
    }
    return g;
  }

  private static Tensor pool(PoolOp op, Node n, Tensor dy) {
    Device d = n.device();
    return switch (op) {
      case PoolOp.Max o -> d.run1(new PoolOp.MaxGrad(o.geometry()), dy, n.output(1));
      case PoolOp.Average o -> d.run1(new PoolOp.AverageGrad(o.geometry(), o.countPadding()), dy);
      case PoolOp.AdaptiveAverage o -> {
        Shape x = n.inputs[0].shape();
        yield d.run1(new PoolOp.AdaptiveAverageGrad(x.dim(1), x.dim(2)), dy);
      }
      case PoolOp.MaxGrad o -> throw none(o);
      case PoolOp.AverageGrad o -> throw none(o);
      case PoolOp.AdaptiveAverageGrad o -> throw none(o);
    };
  }

  private static Tensor activation(Activation f, Node n, Tensor dy) {
    Tensor saved = f.gradientFromOutput() ? n.output(0) : n.input(0);
    return n.device().run1(new ActivationOp.Grad(f), dy, saved);
  }

  private static Tensor[] norm(NormOp op, Node n, Tensor dy) {
    Device d = n.device();
    boolean relu;
    boolean residual;
    List<Tensor> results;
    switch (op) {
      case NormOp.BatchNormTraining o -> {
        relu = o.relu();
        residual = o.residual();
        results =
            d.run(
                new NormOp.BatchNormTrainingGrad(relu, residual),
                withY(relu, n, dy, n.input(0), n.input(1), n.output(1), n.output(2)));
      }
      case NormOp.BatchNormInference o -> {
        relu = o.relu();
        residual = o.residual();
        results =
            d.run(
                new NormOp.BatchNormInferenceGrad(o.eps(), relu, residual),
                withY(relu, n, dy, n.input(0), n.input(1), n.input(3), n.input(4)));
      }
      default -> throw none(op);
    }
    Tensor[] g = new Tensor[n.inputs.length];
    for (int i = 0; i < 3; i++) {
      g[i] = results.get(i);
    }
    if (residual) {
      g[5] = results.get(3);
    }
    return g;
  }

  private static Tensor[] withY(boolean relu, Node n, Tensor... operands) {
    List<Tensor> in = new ArrayList<>(List.of(operands));
    if (relu) {
      in.add(n.output(0));
    }
    return in.toArray(Tensor[]::new);
  }

  private static Tensor[] loss(LossOp op, Node n, Tensor dy) {
    Device d = n.device();
    return switch (op) {
      case LossOp.CrossEntropy o ->
          new Tensor[] {
            d.run1(new LossOp.CrossEntropyGrad(o.smoothing()), dy, n.output(1), n.input(1)), null
          };
      case LossOp.MeanSquaredError o -> {
        Tensor da = d.run1(new LossOp.MeanSquaredErrorGrad(), dy, n.input(0), n.input(1));
        yield new Tensor[] {da, n.wants(1) ? da.multiply(-1) : null};
      }
      case LossOp.CrossEntropyGrad o -> throw none(o);
      case LossOp.MeanSquaredErrorGrad o -> throw none(o);
    };
  }

  private static Tensor[] elementwise(ElementwiseOp op, Node n, Tensor dy) {
    Device d = n.device();
    return switch (op) {
      case Binary o -> {
        Tensor ga = null;
        Tensor gb = null;
        switch (o.kind()) {
          case ADD -> {
            ga = same(dy);
            gb = same(dy);
          }
          case SUBTRACT -> {
            ga = same(dy);
            gb = n.wants(1) ? dy.multiply(-1) : null;
          }
          case MULTIPLY -> {
            ga = n.wants(0) ? d.run1(MULTIPLY, dy, n.input(1)) : null;
            gb = n.wants(1) ? d.run1(MULTIPLY, dy, n.input(0)) : null;
          }
          case DIVIDE -> {
            ga = n.wants(0) ? d.run1(DIVIDE, dy, n.input(1)) : null;
            // d(a / b) / db = -y / b
            gb =
                n.wants(1)
                    ? d.run1(DIVIDE, d.run1(MULTIPLY, dy, n.output(0)), n.input(1)).multiply(-1)
                    : null;
          }
        }
        yield new Tensor[] {sumTo(ga, n.inputs[0].shape()), sumTo(gb, n.inputs[1].shape())};
      }
      case ElementwiseOp.Affine o -> new Tensor[] {dy.multiply(o.scale())};
      case ElementwiseOp.Cast o -> throw none(o);
    };
  }

  private static Tensor same(Tensor dy) {
    return dy.reshape(dy.shape().dims());
  }

  /** Sums a gradient over the axes along which an operand of the shape was broadcast. */
  private static Tensor sumTo(Tensor g, Shape shape) {
    if (g == null || g.shape().equals(shape)) {
      return g;
    }
    int lead = g.shape().rank() - shape.rank();
    Shape from = g.shape();
    List<Integer> axes =
        IntStream.range(0, from.rank())
            .filter(i -> i < lead || shape.dim(i - lead) == 1 && from.dim(i) != 1)
            .boxed()
            .toList();
    return g.device().run1(new Reduce(Reduce.Kind.SUM, axes, true), g).reshape(shape.dims());
  }

  private static Tensor reduce(Reduce o, Node n, Tensor dy) {
    Device d = n.device();
    Shape x = n.inputs[0].shape();
    Shape kept = x;
    for (int a : o.axes()) {
      kept = kept.with(a, 1);
    }
    Tensor wide = dy.reshape(kept.dims());
    return switch (o.kind()) {
      case SUM -> d.run1(new LayoutOp.BroadcastTo(x), wide);
      case MEAN -> {
        Tensor part = wide.multiply((float) ((double) kept.elements() / x.elements()));
        yield d.run1(new LayoutOp.BroadcastTo(x), part);
      }
      case MAX ->
          d.run1(
              new ReduceOp.MaxGrad(o.axes()), wide, n.output(0).reshape(kept.dims()), n.input(0));
    };
  }

  private static Tensor[] layout(LayoutOp op, Node n, Tensor dy) {
    Device d = n.device();
    return switch (op) {
      case LayoutOp.Concat o -> {
        Tensor[] g = new Tensor[n.inputs.length];
        int at = 0;
        for (int i = 0; i < g.length; i++) {
          int length = n.inputs[i].shape().dim(o.axis());
          g[i] = n.wants(i) ? d.run1(new LayoutOp.Slice(o.axis(), at, length), dy) : null;
          at += length;
        }
        yield g;
      }
      case LayoutOp.Slice o -> {
        int extent = n.inputs[0].shape().dim(o.axis());
        yield new Tensor[] {d.run1(new LayoutOp.SliceGrad(o.axis(), o.start(), extent), dy)};
      }
      case LayoutOp.SliceGrad o -> {
        int length = n.inputs[0].shape().dim(o.axis());
        yield new Tensor[] {d.run1(new LayoutOp.Slice(o.axis(), o.start(), length), dy)};
      }
      case LayoutOp.Transpose o -> {
        Integer[] inverse = new Integer[o.axes().size()];
        for (int i = 0; i < inverse.length; i++) {
          inverse[o.axes().get(i)] = i;
        }
        yield new Tensor[] {d.run1(new LayoutOp.Transpose(List.of(inverse)), dy)};
      }
      case LayoutOp.BroadcastTo o -> new Tensor[] {sumTo(same(dy), n.inputs[0].shape())};
      case LayoutOp.Fill o -> throw none(o);
    };
  }
}
