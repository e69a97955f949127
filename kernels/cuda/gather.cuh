// Convolutions as products of matrices whose factors are gathered from images while they are read.
//
// A Gather says, for one convolution or one part of a data gradient, which pixels meet which kernel positions: result pixel (n, p, q) of
// `rows` by `columns` takes, for tap (a, b) of tapsH by tapsW, the source pixel
//
//   (n, p * scaleH + offsetH + a * stepH, q * scaleW + offsetW + b * stepW)       zero outside the image
//
// with the weights of kernel position (firstTapH + a * tapStrideH, firstTapW + b * tapStrideW), and is written to pixel
// (n, outFirstH + p * outStrideH, outFirstW + q * outStrideW). A forward convolution has scale = stride, offset = -padding, step =
// dilation. The data gradient of a strided convolution falls apart into stride x stride such parts, one for each remainder that a pixel
// of the image leaves: its pixels meet the same kernel positions.
//
// Images are NHWC; the channels of a group (a multiple of 4, `channels`) are neighbours. Weights are (filters of all groups, kernelH,
// kernelW, channels).
#pragma once
#include "gpu.cuh"

struct Gather {
  int images, inH, inW, inPitch;  // inPitch: channels of all groups
  int rows, columns, scaleH, scaleW, offsetH, offsetW, stepH, stepW, tapsH, tapsW, channels;
  int kernelH, kernelW, firstTapH, tapStrideH, firstTapW, tapStrideW;
  int outH, outW, outPitch, outFirstH, outStrideH, outFirstW, outStrideW;
  int filters;  // of a group
};

namespace tile {

// A place in the sequence of (tap, channel) that k runs through.
struct Tap {
  int a, b, c;

  __device__ __forceinline__ void begin(const Gather &g, int k) {
    int position = k / g.channels;
    c = k - position * g.channels;
    a = position / g.tapsW;
    b = position - a * g.tapsW;
  }
  __device__ __forceinline__ void advance(const Gather &g, int k) {
    c += k;
    while (c >= g.channels) {
      c -= g.channels;
      if (++b == g.tapsW) {
        b = 0;
        a++;
      }
    }
  }
  __device__ __forceinline__ bool exists(const Gather &g) const { return a < g.tapsH; }
};

// The pixels under the kernel: row m is result pixel m, k is (tap, channel).
template <int LOADS, int K_STEP> struct GatheredRows {
  const float *x;  // the first channel of the group
  Gather g;
  const float *image[LOADS];
  int h[LOADS], w[LOADS];
  Tap tap;

  __device__ __forceinline__ void begin(int first, int step, int piece, int k0) {
    tap.begin(g, k0 + 4 * piece);
#pragma unroll
    for (int i = 0; i < LOADS; i++) {
      int m = first + i * step;
      int q = m % g.columns, rest = m / g.columns, p = rest % g.rows, n = rest / g.rows;
      image[i] = n < g.images ? x + (long long)n * g.inH * g.inW * g.inPitch : nullptr;
      h[i] = p * g.scaleH + g.offsetH;
      w[i] = q * g.scaleW + g.offsetW;
    }
  }
  __device__ __forceinline__ const float *source(int load, int &bytes) const {
    int row = h[load] + tap.a * g.stepH, column = w[load] + tap.b * g.stepW;
    bool inside = image[load] && tap.exists(g) && unsigned(row) < unsigned(g.inH) && unsigned(column) < unsigned(g.inW);
    bytes = inside ? 16 : 0;
    return inside ? image[load] + ((long long)row * g.inW + column) * g.inPitch + tap.c : x;
  }
  __device__ __forceinline__ void next() { tap.advance(g, K_STEP); }
};

// The weights: row n is a filter, k is (tap, channel).
template <int LOADS, int K_STEP> struct WeightRows {
  const float *w;  // the first filter of the group
  Gather g;
  int first, step;
  Tap tap;

  __device__ __forceinline__ void begin(int first_, int step_, int piece, int k0) {
    first = first_;
    step = step_;
    tap.begin(g, k0 + 4 * piece);
  }
  __device__ __forceinline__ const float *source(int load, int &bytes) const {
    int filter = first + load * step;
    bool exists = filter < g.filters && tap.exists(g);
    int position = (g.firstTapH + tap.a * g.tapStrideH) * g.kernelW + g.firstTapW + tap.b * g.tapStrideW;
    bytes = exists ? 16 : 0;
    return exists ? w + ((long long)filter * g.kernelH * g.kernelW + position) * g.channels + tap.c : w;
  }
  __device__ __forceinline__ void next() { tap.advance(g, K_STEP); }
};

// For the gradient to the weights, k runs over the result's pixels. Column n is (tap, channel): the pixels under the kernel once more, with
// the axes exchanged.
template <int LOADS, int K_STEP> struct GatheredColumns {
  const float *x;
  Gather g;
  int end;  // the k behind the last
  int k[LOADS], n[LOADS], p[LOADS], q[LOADS];
  Tap tap;

  __device__ __forceinline__ void begin(int first, int step, int column, int k0) {
    tap.begin(g, column);
#pragma unroll
    for (int i = 0; i < LOADS; i++) {
      k[i] = k0 + first + i * step;
      q[i] = k[i] % g.columns;
      int rest = k[i] / g.columns;
      p[i] = rest % g.rows;
      n[i] = rest / g.rows;
    }
  }
  __device__ __forceinline__ const float *source(int load, int &bytes) const {
    int row = p[load] * g.scaleH + g.offsetH + tap.a * g.stepH, column = q[load] * g.scaleW + g.offsetW + tap.b * g.stepW;
    bool inside = k[load] < end && tap.exists(g) && unsigned(row) < unsigned(g.inH) && unsigned(column) < unsigned(g.inW);
    bytes = inside ? 16 : 0;
    return inside ? x + (((long long)n[load] * g.inH + row) * g.inW + column) * g.inPitch + tap.c : x;
  }
  __device__ __forceinline__ void next() {
#pragma unroll
    for (int i = 0; i < LOADS; i++) {
      k[i] += K_STEP;
      q[i] += K_STEP;
      while (q[i] >= g.columns) {
        q[i] -= g.columns;
        if (++p[i] == g.rows) {
          p[i] = 0;
          n[i]++;
        }
      }
    }
  }
};

}  // namespace tile
