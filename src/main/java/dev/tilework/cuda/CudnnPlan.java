package dev.tilework.cuda;

import java.util.Arrays;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnConvolutionBwdDataAlgoPerf;
import jcuda.jcudnn.cudnnConvolutionBwdFilterAlgoPerf;
import jcuda.jcudnn.cudnnConvolutionDescriptor;
import jcuda.jcudnn.cudnnConvolutionFwdAlgoPerf;
import jcuda.jcudnn.cudnnConvolutionMode;
import jcuda.jcudnn.cudnnDataType;
import jcuda.jcudnn.cudnnDeterminism;
import jcuda.jcudnn.cudnnFilterDescriptor;
import jcuda.jcudnn.cudnnHandle;
import jcuda.jcudnn.cudnnMathType;
import jcuda.jcudnn.cudnnTensorDescriptor;
import jcuda.jcudnn.cudnnTensorFormat;

/** cuDNN's descriptors of a convolution, and its algorithm for one of the three operations. */
final class CudnnPlan {
  /** More than there are algorithms of any of the three. */
  private static final int ALGORITHMS = 16;

  private static final int FLOAT = cudnnDataType.CUDNN_DATA_FLOAT;
  private static final int NHWC = cudnnTensorFormat.CUDNN_TENSOR_NHWC;

  /** What is computed. */
  enum Pass {
    FORWARD,
    DATA_GRAD,
    WEIGHT_GRAD
  }

  /** An algorithm as cuDNN offers it: its number, the workspace it takes, and how it computes. */
  record Algorithm(int number, int status, long workspace, int determinism, int math) {}

  final cudnnTensorDescriptor x = new cudnnTensorDescriptor();
  final cudnnFilterDescriptor w = new cudnnFilterDescriptor();
  final cudnnTensorDescriptor y = new cudnnTensorDescriptor();
  final cudnnConvolutionDescriptor convolution = new cudnnConvolutionDescriptor();

  /** Null where cuDNN offers none that will do. */
  final Algorithm algorithm;

  CudnnPlan(cudnnHandle handle, CudnnCall c, Pass pass) {
    tensor(x, c.x());
    tensor(y, c.y());
    Cudnn.check("cudnnCreateFilterDescriptor", JCudnn.cudnnCreateFilterDescriptor(w));
    Cudnn.check(
        "cudnnSetFilter4dDescriptor",
        JCudnn.cudnnSetFilter4dDescriptor(
            w, FLOAT, NHWC, c.w().n(), c.w().c(), c.w().h(), c.w().w()));
    Cudnn.check(
        "cudnnCreateConvolutionDescriptor", JCudnn.cudnnCreateConvolutionDescriptor(convolution));
    Cudnn.check(
        "cudnnSetConvolution2dDescriptor",
        JCudnn.cudnnSetConvolution2dDescriptor(
            convolution,
            c.padH(),
            c.padW(),
            c.strideH(),
            c.strideW(),
            c.dilationH(),
            c.dilationW(),
            cudnnConvolutionMode.CUDNN_CROSS_CORRELATION,
            FLOAT));
    Cudnn.check(
        "cudnnSetConvolutionGroupCount",
        JCudnn.cudnnSetConvolutionGroupCount(convolution, c.groups()));
    // On float32 tensors the default is TF32 where it is faster.
    int math = c.tensorCores() ? cudnnMathType.CUDNN_DEFAULT_MATH : cudnnMathType.CUDNN_FMA_MATH;
    math(math);
    algorithm = first(offered(handle, pass), c.tensorCores());
    if (algorithm != null && c.tensorCores()) {
      math(algorithm.math());
    }
  }

  /**
   * The first of the algorithms, which come with the fastest in front, that gives the same bits
   * each time and rounds no more than it was asked to; null where none does.
   */
  static Algorithm first(Algorithm[] offered, boolean tensorCores) {
    for (Algorithm a : offered) {
      boolean tooCoarse =
          a.math() == cudnnMathType.CUDNN_TENSOR_OP_MATH_ALLOW_CONVERSION
              || a.math() == cudnnMathType.CUDNN_TENSOR_OP_MATH && !tensorCores;
      if (a.status() == 0
          && a.determinism() == cudnnDeterminism.CUDNN_DETERMINISTIC
          && !tooCoarse) {
        return a;
      }
    }
    return null;
  }

  private static void tensor(cudnnTensorDescriptor d, CudnnCall.Extents e) {
    Cudnn.check("cudnnCreateTensorDescriptor", JCudnn.cudnnCreateTensorDescriptor(d));
    Cudnn.check(
        "cudnnSetTensor4dDescriptor",
        JCudnn.cudnnSetTensor4dDescriptor(d, NHWC, FLOAT, e.n(), e.c(), e.h(), e.w()));
  }

  private void math(int type) {
    Cudnn.check(
        "cudnnSetConvolutionMathType", JCudnn.cudnnSetConvolutionMathType(convolution, type));
  }

  private Algorithm[] offered(cudnnHandle handle, Pass pass) {
    int[] n = new int[1];
    Algorithm[] all = new Algorithm[ALGORITHMS];
    switch (pass) {
      case FORWARD -> {
        var found = new cudnnConvolutionFwdAlgoPerf[ALGORITHMS];
        Arrays.setAll(found, i -> new cudnnConvolutionFwdAlgoPerf());
        Cudnn.check(
            "cudnnGetConvolutionForwardAlgorithm_v7",
            JCudnn.cudnnGetConvolutionForwardAlgorithm_v7(
                handle, x, w, convolution, y, ALGORITHMS, n, found));
        for (int i = 0; i < n[0]; i++) {
          var f = found[i];
          all[i] = new Algorithm(f.algo, f.status, f.memory, f.determinism, f.mathType);
        }
      }
      case DATA_GRAD -> {
        var found = new cudnnConvolutionBwdDataAlgoPerf[ALGORITHMS];
        Arrays.setAll(found, i -> new cudnnConvolutionBwdDataAlgoPerf());
        Cudnn.check(
            "cudnnGetConvolutionBackwardDataAlgorithm_v7",
            JCudnn.cudnnGetConvolutionBackwardDataAlgorithm_v7(
                handle, w, y, convolution, x, ALGORITHMS, n, found));
        for (int i = 0; i < n[0]; i++) {
          var f = found[i];
          all[i] = new Algorithm(f.algo, f.status, f.memory, f.determinism, f.mathType);
        }
      }
      case WEIGHT_GRAD -> {
        var found = new cudnnConvolutionBwdFilterAlgoPerf[ALGORITHMS];
        Arrays.setAll(found, i -> new cudnnConvolutionBwdFilterAlgoPerf());
        Cudnn.check(
            "cudnnGetConvolutionBackwardFilterAlgorithm_v7",
            JCudnn.cudnnGetConvolutionBackwardFilterAlgorithm_v7(
                handle, x, y, convolution, w, ALGORITHMS, n, found));
        for (int i = 0; i < n[0]; i++) {
          var f = found[i];
          all[i] = new Algorithm(f.algo, f.status, f.memory, f.determinism, f.mathType);
        }
      }
    }
    return Arrays.copyOf(all, n[0]);
  }

  void close() {
    JCudnn.cudnnDestroyTensorDescriptor(x);
    JCudnn.cudnnDestroyTensorDescriptor(y);
    JCudnn.cudnnDestroyFilterDescriptor(w);
    JCudnn.cudnnDestroyConvolutionDescriptor(convolution);
  }
}
