package dev.tilework.kernels.reference;

import dev.tilework.kernels.OptimizerOp;
import java.util.List;

/** Optimizer steps, in place. */
final class OptimizerReference {
  private OptimizerReference() {}

  static void run(OptimizerOp op, List<HostTensor> in) {
    HostTensor w = in.getFirst();
    for (int i = 0; i < w.size(); i++) {
      switch (op) {
        case OptimizerOp.Sgd o -> sgd(o, w, in.get(1), in.get(2), i);
        case OptimizerOp.Adam o -> adam(o, w, in.get(1), in.get(2), in.get(3), i);
      }
    }
  }

  private static void sgd(OptimizerOp.Sgd o, HostTensor w, HostTensor v, HostTensor grad, int i) {
    double decay = o.weightDecay() * w.get(i);
    double g = grad.get(i) + decay;
    double gTerms = Math.abs(grad.get(i)) + Math.abs(decay);
    double momentum = o.momentum() * v.get(i);
    double velocity = momentum + g;
    double vTerms = Math.abs(momentum) + gTerms;
    double step = o.nesterov() ? g + o.momentum() * velocity : velocity;
    double stepTerms = o.nesterov() ? gTerms + o.momentum() * vTerms : vTerms;
    if (o.momentum() != 0) {
      v.set(i, velocity, vTerms);
    }
    w.set(i, w.get(i) - o.rate() * step, Math.abs(w.get(i)) + o.rate() * stepTerms);
  }

  private static void adam(
      OptimizerOp.Adam o, HostTensor w, HostTensor m, HostTensor v, HostTensor grad, int i) {
    double before = w.get(i);
    double decay = o.weightDecay() * before;
    double g = grad.get(i) + (o.decoupled() ? 0 : decay);
    double gTerms = Math.abs(grad.get(i)) + (o.decoupled() ? 0 : Math.abs(decay));
    double beta1 = o.beta1();
    double beta2 = o.beta2();
    double mean = beta1 * m.get(i) + (1 - beta1) * g;
    double meanTerms = beta1 * Math.abs(m.get(i)) + (1 - beta1) * gTerms;
    double square = beta2 * v.get(i) + (1 - beta2) * g * g;
    double squareTerms = beta2 * v.get(i) + (1 - beta2) * gTerms * gTerms;
    m.set(i, mean, meanTerms);
    v.set(i, square, squareTerms);
    double correction1 = 1 - Math.pow(beta1, o.step());
    double correction2 = 1 - Math.pow(beta2, o.step());
    double scale = o.rate() / correction1 / (Math.sqrt(square / correction2) + o.eps());
    double shrink = o.decoupled() ? o.rate() * decay : 0;
    // The relative error of the root is half that of its argument.
    double spread = square == 0 ? 1 : squareTerms / square;
    w.set(
        i,
        before - shrink - scale * mean,
        Math.abs(before) + Math.abs(shrink) + scale * meanTerms * spread);
  }
}
