// The gradient to the weights of a depthwise convolution, both profiles:
//
//   depthwise_weights_3x3           nine taps, one filter a channel
//   depthwise_weights_1, _5, _7     any others: a tap, or a kernel row of 5 or 7 taps
//   depthwise_add_segments          adds the segments' sums, and brings them in order
//
// Images are (n, h, w, c), dw (o, kernelH, kernelW, 1). A work-item has ELEMENT_VECTOR neighbouring channels of
// some taps, whose sums over a segment of the rows of all images are in registers; each number of dy is read
// once for these taps.
//
// Grid: (vectors of channels; 1, taps or kernel rows; segments). Bound by memory.

// The sums of nine taps over segment rows each: (segments, 9, channels), one filter a channel.
kernel void depthwise_weights_3x3(IN(float, x), IN(float, dy), OUT(float, sums), GATHER,
    const int segment) {
  int c = (int)get_global_id(0) * ELEMENT_VECTOR;
  if (c >= channels) {
    return;
  }
  bool whole = c + ELEMENT_VECTOR <= channels;
  int begin = (int)get_global_id(2) * segment;
  int end = min(pixels / grid_w, begin + segment);
  floats sum[9];
#pragma unroll
  for (int t = 0; t < 9; t++) {
    sum[t] = 0;
  }
  for (int r = begin; r < end; r++) {
    global const float *d = AT(dy) + r * grid_w * channels;
#pragma unroll
    for (int i = 0; i < 3; i++) {
      int in_y = r % grid_h * stride_y + tap_y + i * tap_step_y;
      if ((uint)in_y < (uint)in_h) {
        global const float *p = AT(x) + (r / grid_h * in_h + in_y) * in_w * pixel;
        for (int column = 0; column < grid_w; column++) {
          int in_x = column * stride_x + tap_x;
          if (whole && in_x >= 0 && in_x + 2 * tap_step_x < in_w) {
            floats v = get_whole(true, d + column * channels, c, channels);
#pragma unroll
            for (int j = 0; j < 3; j++) {
              global const float *q = p + (in_x + j * tap_step_x) * pixel;
              sum[3 * i + j] += v * get_whole(true, q, c, channels);
            }
          } else {
            floats v = get_at(d + column * channels, c, channels);
#pragma unroll
            for (int j = 0; j < 3; j++) {
              if ((uint)(in_x + j * tap_step_x) < (uint)in_w) {
                global const float *q = p + (in_x + j * tap_step_x) * pixel;
                sum[3 * i + j] += v * get_at(q, c, channels);
              }
            }
          }
        }
      }
    }
  }
#pragma unroll
  for (int t = 0; t < 9; t++) {
    put_at(sum[t], AT(sums) + ((int)get_global_id(2) * 9 + t) * channels, c, channels);
  }
}

// The sums of `count` neighbouring taps of a kernel row over segment rows: (segments, taps, n), `share`
// filters a channel.
INLINED void depthwise_weights(const int count, global const float *x, global const float *dy,
    global float *sums, Gather g, int segment, int n, int share) {
  int c = (int)get_global_id(0) * ELEMENT_VECTOR;
  if (c >= n) {
    return;
  }
  bool whole = share == 1 && c + ELEMENT_VECTOR <= n;
  int tap = (int)get_global_id(1) * count;
  int i = tap / g.taps_x;
  int first = g.tap_x + tap % g.taps_x * g.tap_step_x;
  int begin = (int)get_global_id(2) * segment;
  int end = min(g.pixels / g.grid_w, begin + segment);
  floats sum[7];
#pragma unroll
  for (int j = 0; j < count; j++) {
    sum[j] = 0;
  }
  for (int r = begin; r < end; r++) {
    int in_y = r % g.grid_h * g.stride_y + g.tap_y + i * g.tap_step_y;
    if ((uint)in_y >= (uint)g.in_h) {
      continue;
    }
    global const float *d = dy + r * g.grid_w * n;
    global const float *p = x + (r / g.grid_h * g.in_h + in_y) * g.in_w * g.pixel;
    for (int column = 0; column < g.grid_w; column++) {
      int in_x = column * g.stride_x + first;
      if (whole && in_x >= 0 && in_x + (count - 1) * g.tap_step_x < g.in_w) {
        floats v = get_whole(true, d + column * n, c, n);
#pragma unroll
        for (int j = 0; j < count; j++) {
          global const float *q = p + (in_x + j * g.tap_step_x) * g.pixel;
          sum[j] += v * get_whole(true, q, c, n);
        }
      } else {
        floats v = get_at(d + column * n, c, n);
#pragma unroll
        for (int j = 0; j < count; j++) {
          int at = in_x + j * g.tap_step_x;
          if ((uint)at < (uint)g.in_w) {
            sum[j] += v * get_channels(p + at * g.pixel, c, n, 1, share, 0);
          }
        }
      }
    }
  }
#pragma unroll
  for (int j = 0; j < count; j++) {
    int at = ((int)get_global_id(2) * g.taps_y * g.taps_x + tap + j) * n;
    put_at(sum[j], sums + at, c, n);
  }
}

#define DEPTHWISE_WEIGHTS(count)                                                                      \
  kernel void depthwise_weights_##count(IN(float, x), IN(float, dy), OUT(float, sums), GATHER,        \
      const int segment, const int n, const int share) {                                              \
    Gather g = GATHER_OF_ARGUMENTS;                                                                   \
    depthwise_weights(count, AT(x), AT(dy), AT(sums), g, segment, n, share);                          \
  }

DEPTHWISE_WEIGHTS(1)
DEPTHWISE_WEIGHTS(5)
DEPTHWISE_WEIGHTS(7)

// dw (n / taps, taps) from (segments, taps, n / taps). Grid: elements.
kernel void depthwise_add_segments(IN(float, sums), OUT(float, dw), const int n, const int taps,
    const int segments) {
  int i = get_global_id(0);
  if (i < n) {
    float sum = 0;
    for (int s = 0; s < segments; s++) {
      sum += AT(sums)[s * n + i];
    }
    int filters = n / taps;
    AT(dw)[i % filters * taps + i / filters] = sum;
  }
}
