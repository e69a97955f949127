package dev.tilework.docs;

import dev.tilework.Tensor;
import dev.tilework.autograd.CustomOperation;

/** The activation function Mish (Misra, 2019), by kernels that are written in Java. */
final class Mish implements CustomOperation, AutoCloseable {
  private final MishKernel kernel = new MishKernel();
  private final MishGradientKernel gradient = new MishGradientKernel();

  @Override
  public String name() {
    return "mish";
  }

  @Override
  public synchronized Tensor forward(Tensor... inputs) {
    Tensor x = inputs[0];
    kernel.x = x.toArray();
    kernel.n = kernel.x.length;
    kernel.y = new float[kernel.n];
    OnOpenCl.run(kernel, kernel.n);
    return Tensor.of(x.device(), kernel.y, x.shape().dims());
  }

  @Override
  public synchronized Tensor[] backward(Tensor dy, Tensor y, Tensor... inputs) {
    Tensor x = inputs[0];
    gradient.x = x.toArray();
    gradient.dy = dy.toArray();
    gradient.n = gradient.x.length;
    gradient.dx = new float[gradient.n];
    OnOpenCl.run(gradient, gradient.n);
    return new Tensor[] {Tensor.of(x.device(), gradient.dx, x.shape().dims())};
  }

  /** Frees what Aparapi keeps for the kernels. */
  @Override
  public void close() {
    kernel.dispose();
    gradient.dispose();
  }
}
