package dev.tilework.autograd;

import dev.tilework.DType;
import dev.tilework.Scope;
import dev.tilework.Shape;
import dev.tilework.Tensor;
import dev.tilework.kernels.Activation;
import dev.tilework.kernels.ActivationOp;
import dev.tilework.kernels.ConvGeometry;
import dev.tilework.kernels.ConvOp;
import dev.tilework.kernels.ConvOptions;
import dev.tilework.kernels.ElementwiseOp;
import dev.tilework.kernels.ElementwiseOp.Binary;
import dev.tilework.kernels.LayoutOp;
import dev.tilework.kernels.LossOp;
import dev.tilework.kernels.MatmulOp;
import dev.tilework.kernels.Op;
import dev.tilework.kernels.OptimizerOp;
import dev.tilework.kernels.PoolGeometry;
import dev.tilework.kernels.PoolOp;
import dev.tilework.kernels.RandomOp;
import dev.tilework.kernels.ReduceOp.Reduce;
import dev.tilework.kernels.SoftmaxOp;
import java.util.List;
import java.util.PriorityQueue;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A tensor in a computation that can be differentiated. Each method records what it did (unless in
 * {@link NoGrad}); {@link #backward} on a scalar result walks the record back and adds to {@link
 * #grad} of every {@linkplain #parameter parameter} on the way. Intermediate gradients are freed as
 * soon as they are used.
 */
public final class Variable {
  private final Tensor value;
  private final Node node;
  private boolean requiresGrad;
  private Tensor grad;

  private Variable(Tensor value, Node node, boolean requiresGrad) {
    this.value = value;
    this.node = node;
    this.requiresGrad = requiresGrad;
  }

  /** A constant: no gradient flows to it. */
  public static Variable of(Tensor value) {
    return new Variable(value, null, false);
  }

  /** A value to which gradients are gathered. */
  public static Variable parameter(Tensor value) {
    if (value.dtype() != DType.FLOAT32) {
      throw new IllegalArgumentException(
          "parameter: got " + value.summary() + ", expected float32");
    }
    return new Variable(value, null, true);
  }

  /** The tensor. */
  public Tensor value() {
    return value;
  }

  /** The tensor's shape. */
  public Shape shape() {
    return value.shape();
  }

  /** Whether gradients flow to this variable. */
  public boolean requiresGrad() {
    return requiresGrad;
  }

  /** Freezes (false) or unfreezes (true) a parameter. */
  public void requiresGrad(boolean wanted) {
    if (node != null) {
      throw new IllegalStateException("requiresGrad: only a parameter can be frozen, not a result");
    }
    requiresGrad = wanted;
  }

  /** The gradient gathered so far, or null. It lives until {@link #zeroGrad}. */
  public Tensor grad() {
    return grad;
  }

  /** Forgets the gathered gradient and frees it. */
  public void zeroGrad() {
    if (grad != null) {
      grad.close();
      grad = null;
    }
  }

  /** The same value, cut off from its history. */
  public Variable detach() {
    return of(value);
  }

  // ---- The record

  /**
   * Runs an operation, recording it where an operand needs gradients.
   *
   * @return the first result; what else it makes is kept only as long as its gradient needs it
   */
  public static Variable apply(Op op, Variable... inputs) {
    if (inputs.length == 0 || op instanceof OptimizerOp) {
      throw new IllegalArgumentException(
          op.name() + ": an operation on a variable has an operand and a result");
    }
    Tensor[] values = values(inputs);
    List<Tensor> outputs = values[0].device().run(op, values);
    if (!anyRequiresGrad(inputs)) {
      outputs.stream().skip(1).forEach(Tensor::close);
      return of(outputs.getFirst());
    }
    return record(op.name(), (n, dy) -> Derivatives.of(op, n, dy), inputs, outputs);
  }

  /**
   * Runs an operation of the caller's own, recording it where an operand needs gradients. Until
   * {@link #backward}, neither its operands nor its result may be changed or closed.
   *
   * @throws IllegalStateException naming the operation, when it returns what does not fit: here, or
   *     for its gradients from {@link #backward}
   */
  public static Variable apply(CustomOperation operation, Variable... inputs) {
    if (inputs.length == 0) {
      throw new IllegalArgumentException(
          operation.name() + ": an operation on a variable has an operand and a result");
    }
    CustomRule rule = new CustomRule(operation);
    Tensor y = rule.forward(values(inputs));
    return anyRequiresGrad(inputs) ? record(operation.name(), rule, inputs, List.of(y)) : of(y);
  }

  private static Tensor[] values(Variable... inputs) {
    return Stream.of(inputs).map(Variable::value).toArray(Tensor[]::new);
  }

  private static boolean anyRequiresGrad(Variable... inputs) {
    boolean any = false;
    for (Variable v : inputs) {
      any |= v.requiresGrad;
    }
    return any && NoGrad.isRecording();
  }

  private static Variable record(
      String name, Node.Rule rule, Variable[] inputs, List<Tensor> outputs) {
    return new Variable(outputs.getFirst(), new Node(name, rule, inputs, outputs), true);
  }

  /** A result that shares memory with this variable, and the way back for its gradient. */
  private Variable viewed(String name, Tensor result, Node.Rule rule) {
    Variable[] inputs = {this};
    return anyRequiresGrad(inputs) ? record(name, rule, inputs, List.of(result)) : of(result);
  }

  /** Differentiates this scalar. */
  public void backward() {
    if (value.elements() != 1) {
      throw new IllegalArgumentException(
          "backward: got " + value.summary() + ", expected one element; else give the gradient");
    }
    try (Scope s = Scope.open()) {
      backward(Tensor.full(value.device(), 1, value.shape().dims()));
    }
  }

  /** Differentiates, given the gradient of something to this variable. */
  public void backward(Tensor gradient) {
    if (node == null) {
      throw new IllegalStateException(
          "backward: nothing was recorded for "
              + value.summary()
              + "; no operand needed a gradient, or NoGrad was open");
    }
    if (!gradient.spec().equals(value.spec())) {
      throw new IllegalArgumentException(
          "backward: got a gradient " + gradient.summary() + ", expected " + value.spec());
    }
    PriorityQueue<Node> open = new PriorityQueue<>((a, b) -> Long.compare(b.sequence, a.sequence));
    try (Scope temporaries = Scope.open()) {
      arrive(gradient.reshape(gradient.shape().dims()), open);
      while (!open.isEmpty()) {
        Node n = open.poll();
        try {
          Tensor[] g = n.backward();
          for (int i = 0; i < g.length; i++) {
            if (g[i] != null) {
              n.inputs[i].arrive(g[i], open);
            }
          }
        } finally {
          n.release();
        }
      }
    } finally {
      open.forEach(Node::release);
    }
  }

  /** Takes a gradient in; it owns the tensor. */
  private void arrive(Tensor g, PriorityQueue<Node> open) {
    if (!requiresGrad) {
      g.close();
    } else if (node == null) {
      gather(g);
    } else {
      if (node.pending == null) {
        open.add(node);
      }
      node.pending = sum(node.pending, g);
    }
  }

  private void gather(Tensor g) {
    if (grad != null) {
      grad.device().runInto(grad, new Binary(Binary.Kind.ADD), grad, g);
      g.close();
    } else if (g.sharesMemory()) {
      // A parameter's gradient may be changed in place, so it has memory of its own.
      grad = g.copy().unscoped();
      g.close();
    } else {
      grad = g.unscoped();
    }
  }

  private static Tensor sum(Tensor before, Tensor g) {
    if (before == null) {
      return g;
    }
    Tensor s = before.add(g);
    before.close();
    g.close();
    return s;
  }

  // ---- Operations

  /** Convolution with weights (out, kernelH, kernelW, in / groups). */
  public Variable conv2d(Variable weight, ConvOptions options) {
    return apply(
        new ConvOp.Forward(ConvGeometry.of(shape(), weight.shape(), options)), this, weight);
  }

  /** Convolution with a bias (out). */
  public Variable conv2d(Variable weight, Variable bias, ConvOptions options) {
    ConvGeometry g = ConvGeometry.of(shape(), weight.shape(), options);
    return apply(new ConvOp.Forward(g, true, false, Activation.IDENTITY), this, weight, bias);
  }

  /**
   * Transposed convolution: the gradient to the images of a convolution with these weights, (in,
   * kernelH, kernelW, out / groups). The result has {@code (h - 1) * strideH - padTop - padBottom +
   * dilationH * (kernelH - 1) + 1 + extraH} rows, and columns likewise; the extra rows and columns
   * (below the stride) choose among the sizes that the convolution maps to this one.
   */
  public Variable conv2dTranspose(Variable weight, ConvOptions o, int extraH, int extraW) {
    Shape x = shape();
    Shape w = weight.shape();
    if (x.rank() != 4
        || w.rank() != 4
        || x.dim(3) != w.dim(0)
        || extraH < 0
        || extraW < 0
        || extraH >= o.strideH()
        || extraW >= o.strideW()) {
      throw new IllegalArgumentException(
          "conv2d_transpose: got images "
              + x
              + ", weights "
              + w
              + " and extra rows and columns "
              + extraH
              + ", "
              + extraW
              + "; expected images [n, h, w, in], weights [in, kernelH, kernelW, out / groups] and"
              + " extras below the stride");
    }
    int h =
        (x.dim(1) - 1) * o.strideH()
            - o.padTop()
            - o.padBottom()
            + o.dilationH() * (w.dim(1) - 1)
            + 1
            + extraH;
    int c =
        (x.dim(2) - 1) * o.strideW()
            - o.padLeft()
            - o.padRight()
            + o.dilationW() * (w.dim(2) - 1)
            + 1
            + extraW;
    Shape image = Shape.of(x.dim(0), Math.max(h, 0), Math.max(c, 0), w.dim(3) * o.groups());
    return apply(new ConvOp.DataGrad(ConvGeometry.of(image, w, o)), this, weight);
  }

  /** The matrix product of two variables of rank 2. */
  public Variable matmul(Variable b) {
    return apply(new MatmulOp.Matmul(false, false, false), this, b);
  }

  /** {@code x W^T + bias} for x (n, in), weights (out, in) and bias (out). */
  public Variable linear(Variable weight, Variable bias) {
    return apply(new MatmulOp.Matmul(false, true, true), this, weight, bias);
  }

  /** {@code x W^T} for x (n, in) and weights (out, in). */
  public Variable linear(Variable weight) {
    return apply(new MatmulOp.Matmul(false, true, false), this, weight);
  }

  /** The largest value of each window. */
  public Variable maxPool(PoolGeometry geometry) {
    return apply(new PoolOp.Max(geometry), this);
  }

  /** The largest value of each square window. */
  public Variable maxPool(int kernel, int stride, int padding) {
    return maxPool(PoolGeometry.of(shape(), kernel, stride, padding));
  }

  /** The mean of each window; see {@link PoolOp.Average}. */
  public Variable averagePool(PoolGeometry geometry, boolean countPadding) {
    return apply(new PoolOp.Average(geometry, countPadding), this);
  }

  /** The mean of each square window, padding counted as zeros. */
  public Variable averagePool(int kernel, int stride, int padding) {
    return averagePool(PoolGeometry.of(shape(), kernel, stride, padding), true);
  }

  /** The mean over outH by outW regions; 1 by 1 is the global average. */
  public Variable adaptiveAveragePool(int outH, int outW) {
    return apply(new PoolOp.AdaptiveAverage(outH, outW), this);
  }

  /** An activation function on each element. */
  public Variable activation(Activation activation) {
    return apply(new ActivationOp.Apply(activation), this);
  }

  /** max(x, 0). */
  public Variable relu() {
    return activation(Activation.RELU);
  }

  /** Softmax over the last axis. */
  public Variable softmax() {
    return apply(new SoftmaxOp.Softmax(false), this);
  }

  /** The logarithm of softmax over the last axis. */
  public Variable logSoftmax() {
    return apply(new SoftmaxOp.Softmax(true), this);
  }

  /**
   * Mean cross-entropy of these logits (n, classes) against int32 labels (n), or against the
   * probabilities of the classes, float32 (n, classes), as images have that were mixed.
   *
   * @param smoothing the share of the target spread over all classes
   */
  public Variable crossEntropy(Tensor targets, float smoothing) {
    LossOp.CrossEntropy op = new LossOp.CrossEntropy(smoothing);
    return targets.dtype() == DType.FLOAT32
        ? SoftTargets.crossEntropy(op, this, targets)
        : apply(op, this, of(targets));
  }

  /** The mean of the squared differences. */
  public Variable meanSquaredError(Variable target) {
    return apply(new LossOp.MeanSquaredError(), this, target);
  }

  /** This plus another, broadcasting. */
  public Variable add(Variable b) {
    return apply(new Binary(Binary.Kind.ADD), this, b);
  }

  /** This minus another, broadcasting. */
  public Variable subtract(Variable b) {
    return apply(new Binary(Binary.Kind.SUBTRACT), this, b);
  }

  /** This times another element by element, broadcasting. */
  public Variable multiply(Variable b) {
    return apply(new Binary(Binary.Kind.MULTIPLY), this, b);
  }

  /** This divided by another, broadcasting. */
  public Variable divide(Variable b) {
    return apply(new Binary(Binary.Kind.DIVIDE), this, b);
  }

  /** {@code scale * x + shift}. */
  public Variable affine(float scale, float shift) {
    return apply(new ElementwiseOp.Affine(scale, shift), this);
  }

  /** The sum over axes, or over all where none is named. */
  public Variable sum(int... axes) {
    return reduce(Reduce.Kind.SUM, axes);
  }

  /** The mean over axes, or over all where none is named. */
  public Variable mean(int... axes) {
    return reduce(Reduce.Kind.MEAN, axes);
  }

  /** The maximum over axes, or over all where none is named. */
  public Variable max(int... axes) {
    return reduce(Reduce.Kind.MAX, axes);
  }

  private Variable reduce(Reduce.Kind kind, int... axes) {
    IntStream all =
        axes.length == 0
            ? IntStream.range(0, shape().rank())
            : IntStream.of(axes).map(shape()::axis);
    return apply(new Reduce(kind, all.sorted().distinct().boxed().toList(), false), this);
  }

  /** Variables one after another along an axis. */
  public static Variable concat(int axis, Variable... parts) {
    if (parts.length == 0) {
      throw new IllegalArgumentException("concat: got no variables, expected at least one");
    }
    return apply(new LayoutOp.Concat(parts[0].shape().axis(axis)), parts);
  }

  /** A range of an axis. */
  public Variable slice(int axis, int start, int length) {
    int a = shape().axis(axis);
    int extent = shape().dim(a);
    return viewed(
        "slice",
        value.slice(a, start, length),
        (n, dy) -> new Tensor[] {n.device().run1(new LayoutOp.SliceGrad(a, start, extent), dy)});
  }

  /** The same elements in another shape; one extent may be -1. */
  public Variable reshape(int... dims) {
    int[] before = shape().dims();
    return viewed("reshape", value.reshape(dims), (n, dy) -> new Tensor[] {dy.reshape(before)});
  }

  /** The axes in another order. */
  public Variable transpose(int... axes) {
    return apply(new LayoutOp.Transpose(IntStream.of(axes).boxed().toList()), this);
  }

  /** Elements set to 0 with probability p, the others scaled by 1 / (1 - p). */
  public Variable dropout(float p, long seed, long stream) {
    return apply(new RandomOp.Dropout(p, seed, stream), this);
  }

  /** The value's summary, and whether it needs a gradient. */
  @Override
  public String toString() {
    return value + (requiresGrad ? " (needs a gradient)" : "");
  }
}
