// Pooling over windows of images in NHWC, and the gradients.
//
// Axis 0 of the grid runs over a row's pixels and within a pixel over vectors of channels, so that
// neighbours touch neighbouring memory; axis 1 runs over the rows of all images. A work-item makes one
// vector of the result. Gradients gather: they look for the windows that cover a pixel, so that no two
// work-items write to the same place. Memory bounds all of it.

// The windows along one axis of an image: they slide, or where `kernel_size` is 0 they are equal parts,
// which overlap where they do not divide the axis.
typedef struct {
  int pixels;
  int windows;
  int kernel_size;
  int stride;
  int pad;
} Axis;

#define AXES                                                                                          \
  const int h, const int out_h, const int kernel_h, const int stride_h, const int pad_top, const int w, \
      const int out_w, const int kernel_w, const int stride_w, const int pad_left, const int c
#define ROWS_AXIS {h, out_h, kernel_h, stride_h, pad_top}
#define COLUMNS_AXIS {w, out_w, kernel_w, stride_w, pad_left}

// Window o covers pixels first_pixel to below end_pixel.
int first_pixel(Axis a, int o) {
  return a.kernel_size == 0 ? o * a.pixels / a.windows : max(0, o * a.stride - a.pad);
}

int end_pixel(Axis a, int o) {
  return a.kernel_size == 0 ? ((o + 1) * a.pixels + a.windows - 1) / a.windows
                            : min(a.pixels, o * a.stride - a.pad + a.kernel_size);
}

// Pixel i lies in windows first_window to below end_window.
int first_window(Axis a, int i) {
  return a.kernel_size == 0 ? i * a.windows / a.pixels
                            : max(0, (i + a.pad - a.kernel_size + a.stride) / a.stride);
}

int end_window(Axis a, int i) {
  return a.kernel_size == 0 ? ((i + 1) * a.windows + a.pixels - 1) / a.pixels
                            : min(a.windows, (i + a.pad) / a.stride + 1);
}

// Where a work-item's vector is in images of some extents.
typedef struct {
  int image;
  int row;
  int column;
  int channel;
} Place;

Place place_in(int rows, int columns, int c) {
  int i = get_global_id(0);
  int r = get_global_id(1);
  int vectors = (c + ELEMENT_VECTOR - 1) / ELEMENT_VECTOR;
  Place p = {r / rows, r % rows, i / vectors, i % vectors * ELEMENT_VECTOR};
  return p;
}

#if ELEMENT_VECTOR == 1
typedef int ints;
#else
typedef JOIN(int, ELEMENT_VECTOR) ints;
#endif

// As get_at and put_at.
ints get_ints(global const int *p, int i, int n) {
#if ELEMENT_VECTOR == 1
  return p[i];
#else
  if (i + ELEMENT_VECTOR <= n) {
    return PER_ELEMENT(vload)(0, p + i);
  }
  int v[ELEMENT_VECTOR];
  for (int k = 0; k < ELEMENT_VECTOR; k++) {
    v[k] = i + k < n ? p[i + k] : 0;
  }
  return PER_ELEMENT(vload)(0, v);
#endif
}

void put_ints(ints values, global int *p, int i, int n) {
#if ELEMENT_VECTOR == 1
  p[i] = values;
#else
  if (i + ELEMENT_VECTOR <= n) {
    PER_ELEMENT(vstore)(values, 0, p + i);
    return;
  }
  int v[ELEMENT_VECTOR];
  PER_ELEMENT(vstore)(values, 0, v);
  for (int k = 0; k < n - i; k++) {
    p[i + k] = v[k];
  }
#endif
}

kernel void max_pool(IN(float, x), OUT(float, y), OUT(int, positions), AXES) {
  Axis rows = ROWS_AXIS;
  Axis columns = COLUMNS_AXIS;
  Place p = place_in(out_h, out_w, c);
  if (p.column >= out_w) {
    return;
  }
  int left = first_pixel(columns, p.column);
  int right = end_pixel(columns, p.column);
  int top = first_pixel(rows, p.row);
  int bottom = end_pixel(rows, p.row);
  global const float *image = AT(x) + p.image * h * w * c;
  ints at = (ints)(top * w + left);
  floats largest = get_at(image + (top * w + left) * c, p.channel, c);
  for (int r = top; r < bottom; r++) {
    for (int s = left; s < right; s++) {
      int pixel = r * w + s;
      floats v = get_at(image + pixel * c, p.channel, c);
      // The first of equals stays, and so does NaN.
      ints larger = ((v > largest) | (v != v)) & (largest == largest);
      largest = larger ? v : largest;
      at = larger ? (ints)(pixel) : at;
    }
  }
  int to = ((p.image * out_h + p.row) * out_w + p.column) * c;
  put_at(largest, AT(y) + to, p.channel, c);
  put_ints(at, AT(positions) + to, p.channel, c);
}

kernel void max_pool_grad(IN(float, dy), IN(int, positions), OUT(float, dx), AXES) {
  Axis rows = ROWS_AXIS;
  Axis columns = COLUMNS_AXIS;
  Place p = place_in(h, w, c);
  if (p.column >= w) {
    return;
  }
  int left = first_window(columns, p.column);
  int right = end_window(columns, p.column);
  int bottom = end_window(rows, p.row);
  ints pixel = (ints)(p.row * w + p.column);
  floats sum = (floats)(0);
  for (int r = first_window(rows, p.row); r < bottom; r++) {
    for (int s = left; s < right; s++) {
      int window = ((p.image * out_h + r) * out_w + s) * c;
      ints here = get_ints(AT(positions) + window, p.channel, c) == pixel;
      floats v = get_at(AT(dy) + window, p.channel, c);
      sum += here ? v : (floats)(0);
    }
  }
  put_at(sum, AT(dx) + ((p.image * h + p.row) * w + p.column) * c, p.channel, c);
}

// The divisor is 0 for the number of pixels in a window.
kernel void average_pool(IN(float, x), OUT(float, y), AXES, const int divisor) {
  Axis rows = ROWS_AXIS;
  Axis columns = COLUMNS_AXIS;
  Place p = place_in(out_h, out_w, c);
  if (p.column >= out_w) {
    return;
  }
  int left = first_pixel(columns, p.column);
  int right = end_pixel(columns, p.column);
  int top = first_pixel(rows, p.row);
  int bottom = end_pixel(rows, p.row);
  floats sum = (floats)(0);
  for (int r = top; r < bottom; r++) {
    global const float *row = AT(x) + (p.image * h + r) * w * c;
    // A sum a row, lest rounding errors grow with the size of the window.
    floats row_sum = (floats)(0);
    for (int s = left; s < right; s++) {
      row_sum += get_at(row + s * c, p.channel, c);
    }
    sum += row_sum;
  }
  float scale = 1.0f / (divisor == 0 ? (bottom - top) * (right - left) : divisor);
  put_at(sum * scale, AT(y) + ((p.image * out_h + p.row) * out_w + p.column) * c, p.channel, c);
}

kernel void average_pool_grad(IN(float, dy), OUT(float, dx), AXES, const int divisor) {
  Axis rows = ROWS_AXIS;
  Axis columns = COLUMNS_AXIS;
  Place p = place_in(h, w, c);
  if (p.column >= w) {
    return;
  }
  int left = first_window(columns, p.column);
  int right = end_window(columns, p.column);
  int bottom = end_window(rows, p.row);
  floats sum = (floats)(0);
  for (int r = first_window(rows, p.row); r < bottom; r++) {
    int height = end_pixel(rows, r) - first_pixel(rows, r);
    for (int s = left; s < right; s++) {
      int pixels = height * (end_pixel(columns, s) - first_pixel(columns, s));
      floats scale = (floats)(1.0f / (divisor == 0 ? pixels : divisor));
      int window = ((p.image * out_h + r) * out_w + s) * c;
      sum = fma(get_at(AT(dy) + window, p.channel, c), scale, sum);
    }
  }
  put_at(sum, AT(dx) + ((p.image * h + p.row) * w + p.column) * c, p.channel, c);
}
