// Augmentation of images (NHWC): an affine map of coordinates and of colours with noise, and the mixing of
// images in a batch; ImageOp.java has the formulas. Roundings are those of the other devices, operation
// by operation.
//
// Two kernels warp: warp_float32 or warp_uint8 makes the result without noise, and warp_noise adds it to
// the images that have some.
//
// Grid: a work-item makes a pixel of the result with its channels, from the four pixels around its place
// in the input; one of warp_noise has BLOCK_ELEMENTS elements of an image, the last one of an image fewer.
// Memory bounds the first, arithmetic the second.

// Parameters of an image: six for its geometry, and these for each channel.
#define WARP_GEOMETRY 6
#define WARP_CHANNEL 6
#define WARP_FILL 0
#define WARP_WEIGHT 1
#define WARP_SCALE 2
#define WARP_GREY 3
#define WARP_SHIFT 4
#define WARP_NOISE 5

static inline float mix_pixels(float from, float to, float part) {
  return fma(part, to, fma(-part, from, from));
}

// The number of a pixel's first channel in the image, or -1 where it is outside.
static inline int pixel_at(int row, int column, int h, int w, int c) {
  bool inside = row >= 0 && row < h && column >= 0 && column < w;
  return inside ? (row * w + column) * c : -1;
}

// For images of floats and of bytes.
#define WARP_KERNEL(suffix, type)                                                                  \
  static inline float pixel_##suffix(global const type *image, int pixel, int k, float fill) {     \
    return pixel < 0 ? fill : image[pixel + k];                                                    \
  }                                                                                                \
                                                                                                   \
  static inline float blend_##suffix(global const type *image, const int at[4], float right,       \
                                     float down, int k, float fill) {                              \
    float upper = mix_pixels(pixel_##suffix(image, at[0], k, fill),                                \
                             pixel_##suffix(image, at[1], k, fill), right);                        \
    float lower = mix_pixels(pixel_##suffix(image, at[2], k, fill),                                \
                             pixel_##suffix(image, at[3], k, fill), right);                        \
    return mix_pixels(upper, lower, down);                                                         \
  }                                                                                                \
                                                                                                   \
  kernel void warp_##suffix(IN(type, x), IN(float, parameters), OUT(float, y), const int pixels,   \
                            const int h, const int w, const int c, const int out_h,                \
                            const int out_w) {                                                     \
    int pixel = get_global_id(0);                                                                  \
    if (pixel >= pixels) {                                                                         \
      return;                                                                                      \
    }                                                                                              \
    int q = pixel % out_w;                                                                         \
    int p = pixel / out_w % out_h;                                                                 \
    int n = pixel / out_w / out_h;                                                                 \
    global const float *t = AT(parameters) + (WARP_GEOMETRY + WARP_CHANNEL * c) * n;               \
    global const float *channels = t + WARP_GEOMETRY;                                              \
    global const type *image = AT(x) + n * h * w * c;                                              \
    float dq = (float)q - (float)(out_w - 1) / 2;                                                  \
    float dp = (float)p - (float)(out_h - 1) / 2;                                                  \
    float column = fma(t[0], dq, fma(t[1], dp, t[2] + (float)(w - 1) / 2));                        \
    float row = fma(t[3], dq, fma(t[4], dp, t[5] + (float)(h - 1) / 2));                           \
    /* Clamped so far outside that all four neighbours are too, and integers do not overflow. */   \
    /* NaN is outside. */                                                                          \
    row = fmin(fmax(row, -2.0f), (float)(h + 1));                                                  \
    column = fmin(fmax(column, -2.0f), (float)(w + 1));                                            \
    int top = (int)floor(row);                                                                     \
    int left = (int)floor(column);                                                                 \
    float down = row - top;                                                                        \
    float right = column - left;                                                                   \
    const int at[4] = {pixel_at(top, left, h, w, c), pixel_at(top, left + 1, h, w, c),             \
                       pixel_at(top + 1, left, h, w, c), pixel_at(top + 1, left + 1, h, w, c)};    \
    bool any = false;                                                                              \
    for (int k = 0; k < c; k++) {                                                                  \
      any |= channels[WARP_CHANNEL * k + WARP_GREY] != 0;                                          \
    }                                                                                              \
    float grey = 0;                                                                                \
    for (int k = 0; any && k < c; k++) {                                                           \
      global const float *u = channels + WARP_CHANNEL * k;                                         \
      float v = blend_##suffix(image, at, right, down, k, u[WARP_FILL]);                           \
      grey = fma(u[WARP_WEIGHT], v, grey);                                                         \
    }                                                                                              \
    for (int k = 0; k < c; k++) {                                                                  \
      global const float *u = channels + WARP_CHANNEL * k;                                         \
      float v = blend_##suffix(image, at, right, down, k, u[WARP_FILL]);                           \
      AT(y)[pixel * c + k] = fma(u[WARP_SCALE], v, fma(u[WARP_GREY], grey, u[WARP_SHIFT]));        \
    }                                                                                              \
  }

WARP_KERNEL(float32, float)
WARP_KERNEL(uint8, uchar)

// `size` elements of the result are an image's, which `parts` work-items share.
kernel void warp_noise(IN(float, parameters), IN(int, numbers), OUT(float, y), const int items,
                       const divisor parts, const int size, const int c, const ulong seed,
                       const ulong stream) {
  int item = get_global_id(0);
  if (item >= items) {
    return;
  }
  int image = divide(item, &parts);
  int part = item - image * parts.by;
  global const float *channels =
      AT(parameters) + (WARP_GEOMETRY + WARP_CHANNEL * c) * image + WARP_GEOMETRY;
  bool any = false;
  for (int k = 0; k < c; k++) {
    any |= channels[WARP_CHANNEL * k + WARP_NOISE] != 0;
  }
  if (!any) {
    return;
  }
  floats numbers_of[4];
  float z[BLOCK_ELEMENTS];
  normal_numbers(seed, stream, part * ELEMENT_VECTOR, (uint)AT(numbers)[image], numbers_of);
  interleave(numbers_of, z);
  int first = part * BLOCK_ELEMENTS;
  int end = min(first + BLOCK_ELEMENTS, size);
  global float *to = AT(y) + image * size;
  for (int i = first; i < end; i++) {
    float scale = channels[WARP_CHANNEL * (i % c) + WARP_NOISE];
    to[i] = fma(scale, z[i - first], to[i]);
  }
}

kernel void mix_images(IN(float, x), IN(int, partners), IN(float, parameters), OUT(float, y),
                       const int pixels, const int n, const int h, const int w, const int c) {
  int pixel = get_global_id(0);
  if (pixel >= pixels) {
    return;
  }
  int q = pixel % w;
  int p = pixel / w % h;
  int image = pixel / w / h;
  global const float *t = AT(parameters) + 5 * image;
  float u = p >= t[1] && p < t[3] && q >= t[2] && q < t[4] ? 1 : t[0];
  int partner = AT(partners)[image];
  bool known = partner >= 0 && partner < n;
  global const float *own = AT(x) + pixel * c;
  global const float *other = known ? own + (partner - image) * (h * w * c) : own;
  for (int k = 0; k < c; k++) {
    AT(y)[pixel * c + k] = known ? mix_pixels(own[k], other[k], u) : NAN;
  }
}
