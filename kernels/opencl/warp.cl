// Affine warps of images (NHWC) with brightness, contrast and noise; ImageOp.java has the formula.
//
// Two kernels: warp makes the result without noise, and warp_noise adds it to the images that have
// some.
//
// Grid: a work-item of warp makes a pixel of the result with its channels, from the four pixels around
// its place in the input; one of warp_noise has the blocks of elements of random.cl. Memory bounds the
// first, arithmetic the second.

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
                 const int w, const int c, const int out_h, const int out_w, const float fill) {
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
  for (int k = 0; k < c; k++) {
    float upper = mix_pixels(pixel_value(image, a, k, fill), pixel_value(image, b, k, fill), right);
    float lower = mix_pixels(pixel_value(image, d, k, fill), pixel_value(image, e, k, fill), right);
    AT(y)[pixel * c + k] = fma(mix_pixels(upper, lower, down), contrast, shift);
  }
}

// `size` is that of an image of the result.
kernel void warp_noise(IN(float, parameters), OUT(float, y), const int n, const divisor size,
                       const ulong seed, const ulong stream) {
  int first = 4 * first_block();
  int end = min(first + BLOCK_ELEMENTS, n);
  int image = divide(first, &size);
  global const float *noise = AT(parameters) + 8;
  bool any = false;
  for (int k = image; k * size.by < end; k++) {
    any |= noise[9 * k] != 0;
  }
  if (!any) {
    return;
  }
  floats numbers[4];
  float z[BLOCK_ELEMENTS];
  normal_numbers(seed, stream, first_block(), numbers);
  interleave(numbers, z);
  int next = (image + 1) * size.by;
  for (int i = first; i < end; i++) {
    if (i == next) {
      image++;
      next += size.by;
    }
    AT(y)[i] = fma(noise[9 * image], z[i - first], AT(y)[i]);
  }
}
