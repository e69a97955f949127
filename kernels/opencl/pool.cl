// Pooling over windows of images in NHWC, and the gradients.
//
// A work-item has a pixel of the result with COLUMN_VECTORS vectors of channels: on a CPU mostly all of
// them, so that finding the windows counts for little; on a GPU one channel, so that neighbours touch
// neighbouring memory. Axis 0 of the grid runs over the channels, in `panels` work-items with those that
// round them up, and then over the rows of all images; axis 1 runs over a row's pixels. Gradients gather:
// they look for the windows that cover a pixel, so that no two work-items write to the same place. Memory
// bounds all of it.

// The windows along one axis of an image: they slide, or where `kernel_size` is 0 they are equal parts,
// which overlap where they do not divide the axis.
typedef struct {
  divisor pixels;
  divisor windows;
  int kernel_size;
  divisor stride;
  int pad;
} Axis;

#define AXES                                                                                          \
  const divisor h, const divisor out_h, const int kernel_h, const divisor stride_h, const int pad_top, \
      const divisor w, const divisor out_w, const int kernel_w, const divisor stride_w,               \
      const int pad_left, const int c, const divisor panels
#define ROWS_AXIS {h, out_h, kernel_h, stride_h, pad_top}
#define COLUMNS_AXIS {w, out_w, kernel_w, stride_w, pad_left}

// Window o covers pixels first_pixel to below end_pixel.
static inline int first_pixel(const Axis *a, int o) {
  return a->kernel_size == 0 ? divide(o * a->pixels.by, &a->windows) : max(0, o * a->stride.by - a->pad);
}

static inline int end_pixel(const Axis *a, int o) {
  return a->kernel_size == 0 ? divide((o + 1) * a->pixels.by + a->windows.by - 1, &a->windows)
                             : min(a->pixels.by, o * a->stride.by - a->pad + a->kernel_size);
}

// Pixel i lies in windows first_window to below end_window.
static inline int first_window(const Axis *a, int i) {
  return a->kernel_size == 0
             ? divide(i * a->windows.by, &a->pixels)
             : divide(max(0, i + a->pad - a->kernel_size + a->stride.by), &a->stride);
}

static inline int end_window(const Axis *a, int i) {
  return a->kernel_size == 0 ? divide((i + 1) * a->windows.by + a->pixels.by - 1, &a->pixels)
                             : min(a->windows.by, divide(i + a->pad, &a->stride) + 1);
}

// A work-item's pixel in images of some extents, and its channels, up to COLUMN_VECTORS vectors, of which
// the first are whole.
typedef struct {
  int image;
  int row;
  int column;
  int channel;
  int vectors;
  int whole;
} Place;

static inline Place place_in(const divisor *rows, int columns, int c, const divisor *panels) {
  int r = divide(get_global_id(0), panels);
  Place p;
  p.image = divide(r, rows);
  p.row = r - p.image * rows->by;
  p.column = get_global_id(1);
  p.channel = ((int)get_global_id(0) - r * panels->by) * (COLUMN_VECTORS * ELEMENT_VECTOR);
  int vectors = (c - p.channel + ELEMENT_VECTOR - 1) / ELEMENT_VECTOR;
  p.vectors = p.column < columns ? clamp(vectors, 0, COLUMN_VECTORS) : 0;
  p.whole = min(p.vectors, (c - p.channel) / ELEMENT_VECTOR);
  return p;
}

kernel void max_pool(IN(float, x), OUT(float, y), OUT(int, positions), AXES) {
  Axis rows = ROWS_AXIS;
  Axis columns = COLUMNS_AXIS;
  Place p = place_in(&out_h, out_w.by, c, &panels);
  if (p.vectors == 0) {
    return;
  }
  int left = first_pixel(&columns, p.column);
  int right = end_pixel(&columns, p.column);
  int top = first_pixel(&rows, p.row);
  int bottom = end_pixel(&rows, p.row);
  floats largest[COLUMN_VECTORS];
  ints at[COLUMN_VECTORS];
  EACH_VECTOR(p.vectors, p.vectors, {
    largest[k] = (floats)(-INFINITY);
    at[k] = (ints)(top * w.by + left);
  })
  for (int r = top; r < bottom; r++) {
    for (int s = left; s < right; s++) {
      int pixel = r * w.by + s;
      global const float *from = AT(x) + (p.image * h.by * w.by + pixel) * c;
      EACH_VECTOR(p.whole, p.vectors, {
        floats v = READ(from, p.channel + k * ELEMENT_VECTOR, c);
        ints larger = IS_LARGER(v, largest[k]);
        largest[k] = larger ? v : largest[k];
        at[k] = larger ? (ints)(pixel) : at[k];
      })
    }
  }
  int to = ((p.image * out_h.by + p.row) * out_w.by + p.column) * c;
  EACH_VECTOR(p.whole, p.vectors, {
    WRITE(largest[k], AT(y) + to, p.channel + k * ELEMENT_VECTOR, c)
    WRITE_INTS(at[k], AT(positions) + to, p.channel + k * ELEMENT_VECTOR, c)
  })
}

kernel void max_pool_grad(IN(float, dy), IN(int, positions), OUT(float, dx), AXES) {
  Axis rows = ROWS_AXIS;
  Axis columns = COLUMNS_AXIS;
  Place p = place_in(&h, w.by, c, &panels);
  if (p.vectors == 0) {
    return;
  }
  int left = first_window(&columns, p.column);
  int right = end_window(&columns, p.column);
  int top = first_window(&rows, p.row);
  int bottom = end_window(&rows, p.row);
  ints pixel = (ints)(p.row * w.by + p.column);
  floats sum[COLUMN_VECTORS];
  EACH_VECTOR(p.vectors, p.vectors, { sum[k] = (floats)(0); })
  for (int r = top; r < bottom; r++) {
    for (int s = left; s < right; s++) {
      int window = ((p.image * out_h.by + r) * out_w.by + s) * c;
      EACH_VECTOR(p.whole, p.vectors, {
        ints here = READ_INTS(AT(positions) + window, p.channel + k * ELEMENT_VECTOR, c) == pixel;
        floats v = READ(AT(dy) + window, p.channel + k * ELEMENT_VECTOR, c);
        sum[k] += here ? v : (floats)(0);
      })
    }
  }
  int to = ((p.image * h.by + p.row) * w.by + p.column) * c;
  EACH_VECTOR(p.whole, p.vectors, { WRITE(sum[k], AT(dx) + to, p.channel + k * ELEMENT_VECTOR, c) })
}

// The divisor is 0 for the number of pixels in a window.
kernel void average_pool(IN(float, x), OUT(float, y), AXES, const int divisor) {
  Axis rows = ROWS_AXIS;
  Axis columns = COLUMNS_AXIS;
  Place p = place_in(&out_h, out_w.by, c, &panels);
  if (p.vectors == 0) {
    return;
  }
  int left = first_pixel(&columns, p.column);
  int right = end_pixel(&columns, p.column);
  int top = first_pixel(&rows, p.row);
  int bottom = end_pixel(&rows, p.row);
  floats sum[COLUMN_VECTORS];
  floats row_sum[COLUMN_VECTORS];
  EACH_VECTOR(p.vectors, p.vectors, { sum[k] = (floats)(0); })
  for (int r = top; r < bottom; r++) {
    global const float *from = AT(x) + ((p.image * h.by + r) * w.by + left) * c;
    // A sum a row, lest rounding errors grow with the size of the window.
    EACH_VECTOR(p.whole, p.vectors, { row_sum[k] = READ(from, p.channel + k * ELEMENT_VECTOR, c); })
    for (int s = left + 1; s < right; s++) {
      from += c;
      EACH_VECTOR(p.whole, p.vectors, { row_sum[k] += READ(from, p.channel + k * ELEMENT_VECTOR, c); })
    }
    EACH_VECTOR(p.vectors, p.vectors, { sum[k] += row_sum[k]; })
  }
  float scale = 1.0f / (divisor == 0 ? (bottom - top) * (right - left) : divisor);
  int to = ((p.image * out_h.by + p.row) * out_w.by + p.column) * c;
  EACH_VECTOR(p.whole, p.vectors, { WRITE(sum[k] * scale, AT(y) + to, p.channel + k * ELEMENT_VECTOR, c) })
}

kernel void average_pool_grad(IN(float, dy), OUT(float, dx), AXES, const int divisor) {
  Axis rows = ROWS_AXIS;
  Axis columns = COLUMNS_AXIS;
  Place p = place_in(&h, w.by, c, &panels);
  if (p.vectors == 0) {
    return;
  }
  int left = first_window(&columns, p.column);
  int right = end_window(&columns, p.column);
  int top = first_window(&rows, p.row);
  int bottom = end_window(&rows, p.row);
  floats sum[COLUMN_VECTORS];
  EACH_VECTOR(p.vectors, p.vectors, { sum[k] = (floats)(0); })
  for (int r = top; r < bottom; r++) {
    int height = end_pixel(&rows, r) - first_pixel(&rows, r);
    for (int s = left; s < right; s++) {
      int pixels = height * (end_pixel(&columns, s) - first_pixel(&columns, s));
      floats scale = (floats)(1.0f / (divisor == 0 ? pixels : divisor));
      int window = ((p.image * out_h.by + r) * out_w.by + s) * c;
      EACH_VECTOR(p.whole, p.vectors, {
        sum[k] = fma(READ(AT(dy) + window, p.channel + k * ELEMENT_VECTOR, c), scale, sum[k]);
      })
    }
  }
  int to = ((p.image * h.by + p.row) * w.by + p.column) * c;
  EACH_VECTOR(p.whole, p.vectors, { WRITE(sum[k], AT(dx) + to, p.channel + k * ELEMENT_VECTOR, c) })
}
