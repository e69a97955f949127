// Convolution in which each input channel has one filter or several of its own (groups = c), both profiles;
// depthwise_weights.cl has the gradient to the weights.
//
//   depthwise_3x3_1, depthwise_3x3_2   one filter a channel, 3x3 with stride 1 or 2
//   depthwise_single                   one filter a channel, any other geometry
//   depthwise_several                  several filters a channel
//   depthwise_pack                     weights (taps, o) from (o, taps), so that channels are innermost
//
// Images are (n, h, w, c), weights (o, kernelH, kernelW, 1). A work-item has ELEMENT_VECTOR neighbouring
// channels, `floats` of common.cl, of DEPTHWISE_COLUMNS (1, 2, 4, 8) neighbouring pixels of a row:
//
//   input row     |  .  .  .  .  .  .  |     read once for the three taps of a kernel row, whose weights
//   sums             .  .  .  .              are in registers
//
// Grid: (vectors of channels, times the spans of pixels that a row is cut into; rows of all images, of which
// a work-item takes every so many). A span is one block of DEPTHWISE_COLUMNS on a GPU and a row on a CPU, where
// work-items are few. Bound by memory.

// The numbers of channels c and on, of which there are n: `whole` says that all of a vector are below n.
INLINED floats get_whole(const bool whole, global const float *p, int c, int n) {
#if ELEMENT_VECTOR == 1
  return c < n ? p[c] : 0;
#else
  return whole ? PER_ELEMENT(vload)(0, p + c) : get_at(p, c, n);
#endif
}

// The same with a filter multiplier: output channels c and on read input channels c / share; input channels
// get the filters c * step + offset.
INLINED floats get_channels(
    global const float *p, int c, int n, int step, int share, int offset) {
#if ELEMENT_VECTOR == 1
  return c < n ? p[c * step / share + offset] : 0;
#else
  if (step == 1 && share == 1) {
    return get_at(p, c, n);
  }
  float v[ELEMENT_VECTOR];
  for (int i = 0; i < ELEMENT_VECTOR; i++) {
    v[i] = c + i < n ? p[(c + i) * step / share + offset] : 0;
  }
  return PER_ELEMENT(vload)(0, v);
#endif
}

// Stores the sums of neighbouring pixels from x on, with bias, residual and activation.
INLINED void store_pixels(const floats *sums, Epilogue e, global float *y, Scatter s, int image,
    int row, int x, int end, int c, int n) {
  floats bias = e.bias ? get_at(e.bias, c, n) : (floats)(0);
#pragma unroll
  for (int i = 0; i < DEPTHWISE_COLUMNS; i++) {
    if (x + i < end) {
      int at = place_of_result(s, image, row, x + i);
      floats v = sums[i] + bias;
      if (e.residual) {
        v += get_at(e.residual + at, c, n);
      }
      if (e.kind == ACTIVATION_RELU) {
        v = PER_ELEMENT(activate)(ACTIVATION_RELU, 0, v);
      }
      put_at(v, y + at, c, n);
    }
  }
  if (e.kind != ACTIVATION_IDENTITY && e.kind != ACTIVATION_RELU) {
    // An exponential for each of the sums would be too much code: a work-item reads back what it wrote.
#pragma unroll 1
    for (int i = 0; i < DEPTHWISE_COLUMNS && x + i < end; i++) {
      global float *p = y + place_of_result(s, image, row, x + i);
      put_at(PER_ELEMENT(activate)(e.kind, e.alpha, get_at(p, c, n)), p, c, n);
    }
  }
}

// Where a work-item's channels and pixels begin.
INLINED int first_channel(int n) {
  return (int)get_global_id(0) % ((n + ELEMENT_VECTOR - 1) / ELEMENT_VECTOR) * ELEMENT_VECTOR;
}

INLINED int first_column(int n, int span) {
  return (int)get_global_id(0) / ((n + ELEMENT_VECTOR - 1) / ELEMENT_VECTOR) * span;
}

INLINED void depthwise_3x3(const int stride, const bool whole, global const float *x,
    global const float *w, global float *y, Epilogue e, Gather g, Scatter s, int c, int span,
    int flipped) {
  int begin = first_column(g.channels, span);
  int end = min(g.grid_w, begin + span);
  floats weights[9];
#pragma unroll
  for (int t = 0; t < 9; t++) {
    weights[t] = get_whole(whole, w + (flipped ? 8 - t : t) * g.channels, c, g.channels);
  }
  int rows = begin < end ? g.pixels / g.grid_w : 0;
  for (int r = get_global_id(1); r < rows; r += get_global_size(1)) {
    int image = r / g.grid_h;
    int row = r % g.grid_h;
    for (int column = begin; column < end; column += DEPTHWISE_COLUMNS) {
      floats sums[DEPTHWISE_COLUMNS];
#pragma unroll
      for (int i = 0; i < DEPTHWISE_COLUMNS; i++) {
        sums[i] = 0;
      }
#pragma unroll
      for (int i = 0; i < 3; i++) {
        int in_y = row * stride + g.tap_y + i;
        if ((uint)in_y < (uint)g.in_h) {
          global const float *p = x + (image * g.in_h + in_y) * g.in_w * g.pixel;
          int in_x = column * stride + g.tap_x;
          floats v[(DEPTHWISE_COLUMNS - 1) * 2 + 3];
#pragma unroll
          for (int k = 0; k < (DEPTHWISE_COLUMNS - 1) * stride + 3; k++) {
            v[k] = 0;
            if ((uint)(in_x + k) < (uint)g.in_w) {
              v[k] = get_whole(whole, p + (in_x + k) * g.pixel, c, g.channels);
            }
          }
#pragma unroll
          for (int k = 0; k < DEPTHWISE_COLUMNS; k++) {
#pragma unroll
            for (int j = 0; j < 3; j++) {
              sums[k] += v[k * stride + j] * weights[3 * i + j];
            }
          }
        }
      }
      store_pixels(sums, e, y, s, image, row, column, end, c, g.channels);
    }
  }
}

// `flipped`: the taps' weights are in reverse order, as the gradient to the images wants them.
#define DEPTHWISE_3X3(name, stride)                                                                   \
  kernel void name(IN(float, x), IN(float, w), OUT(float, y), EPILOGUE, GATHER, SCATTER,              \
      const int span, const int flipped) {                                                            \
    Gather g = GATHER_OF_ARGUMENTS;                                                                   \
    Scatter s = SCATTER_OF_ARGUMENTS;                                                                 \
    Epilogue e = EPILOGUE_OF_ARGUMENTS;                                                               \
    int c = first_channel(channels);                                                                  \
    if (c + ELEMENT_VECTOR <= channels) {                                                             \
      depthwise_3x3(stride, true, AT(x), AT(w), AT(y), e, g, s, c, span, flipped);                    \
    } else {                                                                                          \
      depthwise_3x3(stride, false, AT(x), AT(w), AT(y), e, g, s, c, span, flipped);                   \
    }                                                                                                 \
  }

DEPTHWISE_3X3(depthwise_3x3_1, 1)
DEPTHWISE_3X3(depthwise_3x3_2, 2)

// Tap (i, j) has the weights number first_tap + i * weight_step_y + j * weight_step_x; n results a pixel.
#define DEPTHWISE_TAPS                                                                                \
  const int span, const int n, const int first_tap, const int weight_step_y, const int weight_step_x

// One filter a channel.
kernel void depthwise_single(IN(float, x), IN(float, w), OUT(float, y), EPILOGUE, GATHER, SCATTER,
    DEPTHWISE_TAPS) {
  Epilogue e = EPILOGUE_OF_ARGUMENTS;
  Scatter s = SCATTER_OF_ARGUMENTS;
  int c = first_channel(n);
  bool whole = c + ELEMENT_VECTOR <= n;
  int begin = first_column(n, span);
  int end = min(grid_w, begin + span);
  int rows = begin < end ? pixels / grid_w : 0;
  for (int r = get_global_id(1); r < rows; r += get_global_size(1)) {
    int image = r / grid_h;
    int row = r % grid_h;
    for (int column = begin; column < end; column += DEPTHWISE_COLUMNS) {
      floats sums[DEPTHWISE_COLUMNS];
#pragma unroll
      for (int k = 0; k < DEPTHWISE_COLUMNS; k++) {
        sums[k] = 0;
      }
      for (int i = 0; i < taps_y; i++) {
        int in_y = row * stride_y + tap_y + i * tap_step_y;
        if ((uint)in_y >= (uint)in_h) {
          continue;
        }
        global const float *p = AT(x) + (image * in_h + in_y) * in_w * pixel;
        for (int j = 0; j < taps_x; j++) {
          int tap = first_tap + i * weight_step_y + j * weight_step_x;
          floats weight = get_at(AT(w) + tap * n, c, n);
          int in_x = column * stride_x + tap_x + j * tap_step_x;
          if (whole && in_x >= 0 && in_x + (DEPTHWISE_COLUMNS - 1) * stride_x < in_w) {
#pragma unroll
            for (int k = 0; k < DEPTHWISE_COLUMNS; k++) {
              sums[k] += weight * get_whole(true, p + (in_x + k * stride_x) * pixel, c, n);
            }
          } else {
#pragma unroll
            for (int k = 0; k < DEPTHWISE_COLUMNS; k++) {
              if ((uint)(in_x + k * stride_x) < (uint)in_w) {
                sums[k] += weight * get_at(p + (in_x + k * stride_x) * pixel, c, n);
              }
            }
          }
        }
      }
      store_pixels(sums, e, AT(y), s, image, row, column, end, c, n);
    }
  }
}

// A result's channel meets `step` input channels, or shares its one with `share` results.
kernel void depthwise_several(IN(float, x), IN(float, w), OUT(float, y), EPILOGUE, GATHER, SCATTER,
    DEPTHWISE_TAPS, const int step, const int share) {
  Epilogue e = EPILOGUE_OF_ARGUMENTS;
  Scatter s = SCATTER_OF_ARGUMENTS;
  int c = first_channel(n);
  int begin = first_column(n, span);
  int end = min(grid_w, begin + span);
  int rows = begin < end ? pixels / grid_w : 0;
  for (int r = get_global_id(1); r < rows; r += get_global_size(1)) {
    int image = r / grid_h;
    int row = r % grid_h;
    for (int column = begin; column < end; column += DEPTHWISE_COLUMNS) {
      floats sums[DEPTHWISE_COLUMNS];
#pragma unroll
      for (int k = 0; k < DEPTHWISE_COLUMNS; k++) {
        sums[k] = 0;
      }
      for (int i = 0; i < taps_y; i++) {
        int in_y = row * stride_y + tap_y + i * tap_step_y;
        if ((uint)in_y >= (uint)in_h) {
          continue;
        }
        global const float *p = AT(x) + (image * in_h + in_y) * in_w * pixel;
        for (int j = 0; j < taps_x; j++) {
          int tap = first_tap + i * weight_step_y + j * weight_step_x;
          int in_x = column * stride_x + tap_x + j * tap_step_x;
          for (int m = 0; m < step; m++) {
            floats weight = get_channels(AT(w) + tap * n * step, c, n, step, 1, m);
#pragma unroll
            for (int k = 0; k < DEPTHWISE_COLUMNS; k++) {
              if ((uint)(in_x + k * stride_x) < (uint)in_w) {
                global const float *q = p + (in_x + k * stride_x) * pixel;
                sums[k] += weight * get_channels(q, c, n, step, share, m);
              }
            }
          }
        }
      }
      store_pixels(sums, e, AT(y), s, image, row, column, end, c, n);
    }
  }
}

// Grid: elements.
kernel void depthwise_pack(IN(float, w), OUT(float, to), const int n, const int taps) {
  int i = get_global_id(0);
  if (i < n) {
    int filters = n / taps;
    AT(to)[i] = AT(w)[i % filters * taps + i / filters];
  }
}
