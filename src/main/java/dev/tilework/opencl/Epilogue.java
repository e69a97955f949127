package dev.tilework.opencl;

import dev.tilework.kernels.Activation;
import dev.tilework.kernels.ConvOp;
import dev.tilework.kernels.MatmulOp;
import dev.tilework.kernels.Operand;
import java.util.List;

/**
 * What a kernel does to its results before it stores them; as an argument of a launch, the
 * parameters {@code EPILOGUE} of epilogue.cl.
 *
 * @param bias one number a column, or null
 * @param residual of the result's shape, or null
 */
record Epilogue(Operand bias, Operand residual, Activation activation) {
  static final Epilogue NONE = new Epilogue(null, null, Activation.IDENTITY);

  static Epilogue of(ConvOp.Forward op, List<Operand> in) {
    return new Epilogue(
        op.bias() ? in.get(2) : null, op.residual() ? in.getLast() : null, op.activation());
  }

  static Epilogue of(MatmulOp.Matmul op, List<Operand> in) {
    return new Epilogue(op.bias() ? in.get(2) : null, null, Activation.IDENTITY);
  }

  /** HAS_BIAS and HAS_RESIDUAL of epilogue.cl. */
  int has() {
    return (bias == null ? 0 : 1) + (residual == null ? 0 : 2);
  }
}
