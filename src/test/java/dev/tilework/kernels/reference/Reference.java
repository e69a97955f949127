package dev.tilework.kernels.reference;

import dev.tilework.kernels.ActivationOp;
import dev.tilework.kernels.ConvOp;
import dev.tilework.kernels.ElementwiseOp;
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
import dev.tilework.kernels.SoftmaxOp;
import java.util.List;

/** Runs an operation in double precision. */
public final class Reference {
  private Reference() {}

  /**
   * Runs an operation.
   *
   * @param in the operands; those that {@link Op#updates} lists are overwritten
   * @return the results
   * @throws IllegalArgumentException when the operands do not fit the operation
   */
  public static List<HostTensor> run(Op op, List<HostTensor> in) {
    List<HostTensor> out =
        op.outputs(in.stream().map(HostTensor::spec).toList()).stream()
            .map(HostTensor::new)
            .toList();
    switch (op) {
      case ConvOp o -> ConvReference.run(o, in, out.getFirst());
      case MatmulOp.Matmul o -> MatmulReference.run(o, in, out.getFirst());
      case PoolOp o -> PoolReference.run(o, in, out);
      case ActivationOp o -> ActivationReference.run(o, in, out.getFirst());
      case SoftmaxOp o -> SoftmaxReference.run(o, in, out.getFirst());
      case NormOp o -> NormReference.run(o, in, out);
      case LossOp o -> LossReference.run(o, in, out);
      case ElementwiseOp o -> ElementwiseReference.run(o, in, out.getFirst());
      case ReduceOp o -> ReduceReference.run(o, in, out.getFirst());
      case LayoutOp o -> LayoutReference.run(o, in, out.getFirst());
      case RandomOp o -> RandomReference.run(o, in, out.getFirst());
      case OptimizerOp o -> OptimizerReference.run(o, in);
      case ImageOp.Warp o ->
          ImageReference.warp(o, in.get(0), in.get(1), in.get(2), out.getFirst());
      case ImageOp.Mix o -> ImageReference.mix(in.get(0), in.get(1), in.get(2), out.getFirst());
    }
    return out;
  }
}
