package dev.tilework.cuda;

import dev.tilework.Precision;
import dev.tilework.kernels.DeviceException;
import dev.tilework.kernels.MatmulOp;
import dev.tilework.kernels.Operand;
import java.util.List;
import jcuda.Pointer;
import jcuda.cudaDataType;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasComputeType;
import jcuda.jcublas.cublasGemmAlgo;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasOperation;
import jcuda.jcublas.cublasStatus;
import jcuda.runtime.cudaStream_t;

/**
 * Matrix products by NVIDIA's cuBLAS, for {@code -Dtilework.gemm=cublas}. Nothing else may touch
 * this class: loading it needs JCublas2.
 */
final class Cublas implements AutoCloseable {
  private static final Pointer ONE = Pointer.to(new float[] {1});
  private static final Pointer ZERO = Pointer.to(new float[] {0});
  private static final int FLOAT = cudaDataType.CUDA_R_32F;

  private final Session session;
  private final cublasHandle handle = new cublasHandle();

  Cublas(Session session) {
    this.session = session;
    session.makeCurrent();
    JCublas2.initialize();
    JCublas2.setExceptionsEnabled(false);
    check("cublasCreate", JCublas2.cublasCreate(handle));
    check("cublasSetStream", JCublas2.cublasSetStream(handle, new cudaStream_t(session.stream())));
  }

  private static void check(String call, int status) {
    if (status != 0) {
      throw new DeviceException(
          call + " gave " + cublasStatus.stringFor(status) + " (" + status + ")");
    }
  }

  synchronized void run(MatmulOp.Matmul op, Operand y, List<Operand> in, Precision p) {
    session.makeCurrent();
    int k = in.getFirst().shape().dim(op.transposeA() ? 0 : 1);
    CublasCall c =
        CublasCall.of(op.transposeA(), op.transposeB(), y.shape().dim(0), y.shape().dim(1), k);
    check(
        "cublasGemmEx",
        JCublas2.cublasGemmEx_new(
            handle,
            operation(c.transposeFirst()),
            operation(c.transposeSecond()),
            c.m(),
            c.n(),
            c.k(),
            ONE,
            pointer(in.get(1)),
            FLOAT,
            c.pitchFirst(),
            pointer(in.get(0)),
            FLOAT,
            c.pitchSecond(),
            ZERO,
            pointer(y),
            FLOAT,
            c.pitchResult(),
            p == Precision.TF32
                ? cublasComputeType.CUBLAS_COMPUTE_32F_FAST_TF32
                : cublasComputeType.CUBLAS_COMPUTE_32F,
            cublasGemmAlgo.CUBLAS_GEMM_DEFAULT));
    if (op.bias()) {
      Fused.add(session, y, in.get(2));
    }
  }

  private static int operation(boolean transpose) {
    return transpose ? cublasOperation.CUBLAS_OP_T : cublasOperation.CUBLAS_OP_N;
  }

  private static Pointer pointer(Operand o) {
    CudaBuffer b = (CudaBuffer) o.buffer();
    return b.address.withByteOffset(o.offset());
  }

  @Override
  public synchronized void close() {
    JCublas2.cublasDestroy(handle);
  }
}
