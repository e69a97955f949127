// Affine warps of images (NHWC) with brightness, contrast and noise; ImageOp.java has the formula.
//
// Grid: a work-item makes a pixel of the result with its channels: the four pixels around its place in
// the input, mixed, and a normal number per channel where there is noise. Memory bounds it where there
// is none, else arithmetic.

static inline float mix_pixels(float from, float to, float part) {
  return fma(part, to, fma(-part, from, from));
}

// The number of a pixel's first channel in the image, or -1 where it is outside.
static inline int pixel_at(int row, int column, int h, int w, int c) {
  bool inside = row >= 0 && row < h && column >= 0 && column < w;
  return inside ? (row * w + column) * c : -1;
}

static inline float pixel_value(global const float *image, int pixel, int channel, float fill) {
  return pixel < 0 ? fill : image[pixel + channel];
}

kernel void warp(IN(float, x), IN(float, parameters), OUT(float, y), const int pixels, const int h,
                 const int w, const int c, const int out_h, const int out_w, const float fill,
                 const ulong seed, const ulong stream) {
  int pixel = get_global_id(0);
  if (pixel >= pixels) {
    return;
  }
  int q = pixel % out_w;
  int p = pixel / out_w % out_h;
  int n = pixel / out_w / out_h;
  global const float *t = AT(parameters) + 9 * n;
  global const float *image = AT(x) + n * h * w * c;

  float dq = (float)q - (float)(out_w - 1) / 2;
  float dp = (float)p - (float)(out_h - 1) / 2;
  float column = fma(t[0], dq, fma(t[1], dp, t[2] + (float)(w - 1) / 2));
  float row = fma(t[3], dq, fma(t[4], dp, t[5] + (float)(h - 1) / 2));
  // Clamped so far outside that all four neighbours are too, and integers do not overflow. NaN is
  // outside.
  row = fmin(fmax(row, -2.0f), (float)(h + 1));
  column = fmin(fmax(column, -2.0f), (float)(w + 1));
  int top = (int)floor(row);
  int left = (int)floor(column);
  float down = row - top;
  float right = column - left;
  int a = pixel_at(top, left, h, w, c);
  int b = pixel_at(top, left + 1, h, w, c);
  int d = pixel_at(top + 1, left, h, w, c);
  int e = pixel_at(top + 1, left + 1, h, w, c);

  float contrast = t[7];
  float shift = 0.5f + t[6] - 0.5f * contrast;
  float noise = t[8];
  int block = -1;
  float z[4];
  for (int k = 0; k < c; k++) {
    float upper = mix_pixels(pixel_value(image, a, k, fill), pixel_value(image, b, k, fill), right);
    float lower = mix_pixels(pixel_value(image, d, k, fill), pixel_value(image, e, k, fill), right);
    float v = fma(mix_pixels(upper, lower, down), contrast, shift);
    int i = pixel * c + k;
    if (noise != 0) {
      if (i / 4 != block) {
        block = i / 4;
        vstore4(normal_numbers(philox(seed, stream, block)), 0, z);
      }
      v = fma(noise, z[i % 4], v);
    }
    AT(y)[i] = v;
  }
}
