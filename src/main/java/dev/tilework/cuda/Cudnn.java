package dev.tilework.cuda;

import dev.tilework.Precision;
import dev.tilework.kernels.ConvOp;
import dev.tilework.kernels.DeviceException;
import dev.tilework.kernels.Operand;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnHandle;
import jcuda.runtime.cudaStream_t;

/**
 * Convolutions by NVIDIA's cuDNN, for {@code -Dtilework.conv=cudnn}. What is fused into a forward
 * convolution is added by the device's own kernels. Nothing else may touch this class: loading it
 * needs JCudnn.
 */
final class Cudnn implements AutoCloseable {
  private static final Pointer ONE = Pointer.to(new float[] {1});
  private static final Pointer ZERO = Pointer.to(new float[] {0});

  private final Session session;
  private final cudnnHandle handle = new cudnnHandle();
  private final Map<Key, CudnnPlan> plans = new HashMap<>();

  private record Key(CudnnCall call, CudnnPlan.Pass pass) {}

  Cudnn(Session session) {
    this.session = session;
    session.makeCurrent();
    JCudnn.initialize();
    JCudnn.setExceptionsEnabled(false);
    check("cudnnCreate", JCudnn.cudnnCreate(handle));
    check("cudnnSetStream", JCudnn.cudnnSetStream(handle, new cudaStream_t(session.stream())));
  }

  /**
   * Throws where a call failed. The number is given beside the text, since what names JCudnn has
   * for numbers are those of an older cuDNN.
   */
  static void check(String call, int status) {
    if (status != 0) {
      throw new DeviceException(
          call + " gave " + status + ": " + JCudnn.cudnnGetErrorString(status));
    }
  }

  /**
   * Runs a convolution that {@link CudnnCall#fits} it.
   *
   * @return false where cuDNN has no algorithm for it, and nothing was done
   */
  synchronized boolean run(ConvOp op, List<Operand> out, List<Operand> in, Precision p) {
    session.makeCurrent();
    CudnnCall call = CudnnCall.of(op.geometry(), p);
    CudnnPlan plan =
        plans.computeIfAbsent(
            new Key(call, pass(op)), k -> new CudnnPlan(handle, k.call(), k.pass()));
    CudnnPlan.Algorithm a = plan.algorithm;
    Log.choice(
        () ->
            op.name()
                + " "
                + op.geometry()
                + " in "
                + p
                + ": "
                + (a == null ? "cuDNN has no algorithm" : "cuDNN's algorithm " + a.number()));
    if (a == null) {
      return false;
    }
    Memory.Block workspace = a.workspace() == 0 ? null : session.memory.take(a.workspace());
    try {
      run(op, plan, out.getFirst(), in, workspace);
    } finally {
      if (workspace != null) {
        session.memory.giveBack(workspace);
      }
    }
    if (op instanceof ConvOp.Forward f) {
      Fused.finish(session, f, out.getFirst(), in);
    }
    return true;
  }

  private static CudnnPlan.Pass pass(ConvOp op) {
    return switch (op) {
      case ConvOp.Forward o -> CudnnPlan.Pass.FORWARD;
      case ConvOp.DataGrad o -> CudnnPlan.Pass.DATA_GRAD;
      case ConvOp.WeightGrad o -> CudnnPlan.Pass.WEIGHT_GRAD;
    };
  }

  private void run(
      ConvOp op, CudnnPlan c, Operand result, List<Operand> in, Memory.Block workspace) {
    int number = c.algorithm.number();
    long bytes = c.algorithm.workspace();
    Pointer room = workspace == null ? new CUdeviceptr() : workspace.address();
    Pointer a = pointer(in.get(0));
    Pointer b = pointer(in.get(1));
    Pointer to = pointer(result);
    switch (op) {
      case ConvOp.Forward o ->
          check(
              "cudnnConvolutionForward",
              JCudnn.cudnnConvolutionForward(
                  handle, ONE, c.x, a, c.w, b, c.convolution, number, room, bytes, ZERO, c.y, to));
      case ConvOp.DataGrad o ->
          check(
              "cudnnConvolutionBackwardData",
              JCudnn.cudnnConvolutionBackwardData(
                  handle, ONE, c.w, b, c.y, a, c.convolution, number, room, bytes, ZERO, c.x, to));
      case ConvOp.WeightGrad o ->
          check(
              "cudnnConvolutionBackwardFilter",
              JCudnn.cudnnConvolutionBackwardFilter(
                  handle, ONE, c.x, a, c.y, b, c.convolution, number, room, bytes, ZERO, c.w, to));
    }
  }

  private static Pointer pointer(Operand o) {
    CudaBuffer b = (CudaBuffer) o.buffer();
    return b.address.withByteOffset(o.offset());
  }

  @Override
  public synchronized void close() {
    plans.values().forEach(CudnnPlan::close);
    JCudnn.cudnnDestroy(handle);
  }
}
