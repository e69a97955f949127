// Convolution as an implicit matrix product, with the register tiles of matmul.cl (profile CPU).
//
//   conv_rows       forward, and the gradient to the images
//   conv_weights    the gradient to the weights, sums over segments of the pixels
//   add_segments    adds the segments' sums
//   border_images, pack_pixels
//
// Images are (n, h, w, c), weights (o, kernelH, kernelW, c / groups). Rows of the product are the pixels
// of a grid, columns the filters; steps run over taps (kernel positions) and the channels of each. Pixel
// (n, y, x) of the grid reads, for tap (i, j), input pixel
//
//   (n, y * stride_y + tap_y + i * tap_step_y, x * stride_x + tap_x + j * tap_step_x)
//
// or a row of zeros where that is outside the image, and is written to output pixel
// (n, y * out_step_y + out_y, x * out_step_x + out_x). The forward pass is one such grid. The gradient to
// the images is one for each remainder of the position modulo the stride, since within one the same taps
// meet: no multiplication by the zeros between strides.
//
// Images of few channels are first given a border of zeros, so that the pixels under a kernel row are one
// piece of memory, and a tap is a whole kernel row.
//
// The gradient to the weights has filters as rows, channels as columns and pixels as steps, once for each
// tap. Filters come in left panels; the pixels are cut into segments whose sums are kept apart and added
// in order, so that there is enough to do for all processors.
//
// Parameters: those of matmul.cl. Bound by arithmetic.

#ifdef PROFILE_CPU

// Grid (panel blocks, row blocks, groups). Floats from an input pixel to the next: pixel; of which a group
// reads channels for each tap. At zero in w are as many zeros.
kernel void conv_rows(IN(float, x), IN(float, w), OUT(float, y), EPILOGUE, const int images,
    const int in_h, const int in_w, const int pixel, const int channels, const int grid_h,
    const int grid_w, const int stride_y, const int stride_x, const int taps_y, const int tap_y,
    const int tap_step_y, const int taps_x, const int tap_x, const int tap_step_x, const int out_h,
    const int out_w, const int out_step_y, const int out_step_x, const int out_y, const int out_x,
    const int filters, const long zero, const int row_block, const int panel_block) {
  int group = get_global_id(2);
  Epilogue e = EPILOGUE_OF_ARGUMENTS;
  e.bias = e.bias ? e.bias + group * filters : 0;
  e.residual = e.residual ? e.residual + group * filters : 0;
  global const float *zeros = AT(w) + zero;
  int out_pixel = get_global_size(2) * filters;
  int m = images * grid_h * grid_w;
  int first_row = get_global_id(1) * row_block;
  int last_row = min(m, first_row + row_block);
  int panels = (filters + REGISTER_COLUMNS - 1) / REGISTER_COLUMNS;
  int first_panel = get_global_id(0) * panel_block;
  int last_panel = min(panels, first_panel + panel_block);
  long panel_step = (long)taps_y * taps_x * channels * REGISTER_COLUMNS;
  for (int p = first_panel; p < last_panel; p++) {
    for (int row = first_row; row < last_row; row += REGISTER_ROWS) {
      global const float *image[REGISTER_ROWS];
      int in_y[REGISTER_ROWS], in_x[REGISTER_ROWS], at[REGISTER_ROWS];
      int gx = row % grid_w;
      int gy = row / grid_w % grid_h;
      int n = row / grid_w / grid_h;
#pragma unroll
      for (int r = 0; r < REGISTER_ROWS; r++) {
        image[r] = AT(x) + (long)n * in_h * in_w * pixel + group * channels;
        in_y[r] = gy * stride_y + tap_y;
        in_x[r] = gx * stride_x + tap_x;
        at[r] = ((n * out_h + gy * out_step_y + out_y) * out_w + gx * out_step_x + out_x) * out_pixel;
        // Rows beyond the last are computed as copies of it and not stored.
        if (row + r + 1 < m && ++gx == grid_w) {
          gx = 0;
          if (++gy == grid_h) {
            gy = 0;
            n++;
          }
        }
      }
      TILE_VECTOR sums[REGISTER_ROWS][REGISTER_VECTORS];
      tile_clear(sums);
      global const float *b = AT(w) + ((long)group * panels + p) * panel_step;
      for (int i = 0; i < taps_y; i++) {
        for (int j = 0; j < taps_x; j++) {
          global const float *rows[REGISTER_ROWS];
#pragma unroll
          for (int r = 0; r < REGISTER_ROWS; r++) {
            int yy = in_y[r] + i * tap_step_y;
            int xx = in_x[r] + j * tap_step_x;
            bool inside = (uint)yy < (uint)in_h && (uint)xx < (uint)in_w;
            rows[r] = inside ? image[r] + (long)(yy * in_w + xx) * pixel : zeros;
          }
          tile_add_rows(sums, rows, b, channels);
          b += (long)channels * REGISTER_COLUMNS;
        }
      }
      tile_store(sums, e, AT(y) + group * filters, at, min(REGISTER_ROWS, m - row),
          p * REGISTER_COLUMNS, filters);
    }
  }
}

// Images with a border of zeros, or cut off, as (n, height, width, c): grid (floats of a row, height, n).
kernel void border_images(IN(float, x), OUT(float, y), const int in_h, const int in_w, const int c,
    const int pad_top, const int pad_left, const int width) {
  int i = get_global_id(0);
  if (i < width * c) {
    int row = (int)get_global_id(1) - pad_top;
    int at = i - pad_left * c;
    long to = ((long)get_global_id(2) * get_global_size(1) + get_global_id(1)) * width * c + i;
    bool inside = row >= 0 && row < in_h && at >= 0 && at < in_w * c;
    AT(y)[to] = inside ? AT(x)[((long)get_global_id(2) * in_h + row) * in_w * c + at] : 0;
  }
}

// Right panels of the pixels of a grid: (groups, panels, pixels, REGISTER_COLUMNS) of x (n, in_h, in_w,
// groups * channels), of which grid pixel (n, y, x) is input pixel (n, y * stride_y, x * stride_x). Grid
// (panels, blocks of pixels, groups): neighbours read the same pixels.
kernel void pack_pixels(IN(float, x), OUT(float, to), const int pixels, const int channels,
    const int in_h, const int in_w, const int grid_h, const int grid_w, const int stride_y,
    const int stride_x) {
  int begin = get_global_id(1) * PACKED_STEPS;
  int end = min(pixels, begin + PACKED_STEPS);
  int c = get_global_id(0) * REGISTER_COLUMNS;
  int pixel = get_global_size(2) * channels;
  global const float *from = AT(x) + get_global_id(2) * channels + c;
  global float *panel = AT(to)
      + (get_global_id(2) * get_global_size(0) + get_global_id(0)) * (long)pixels * REGISTER_COLUMNS;
  for (int i = begin; i < end; i++) {
    int line = i / grid_w;
    long at = (long)(line / grid_h * in_h + line % grid_h * stride_y) * in_w
        + (i - line * grid_w) * stride_x;
#pragma unroll
    for (int v = 0; v < REGISTER_COLUMNS; v += REGISTER_WIDTH) {
      TILE_STORE(tile_load_part(from + at * pixel + v, channels - c - v),
          panel + (long)i * REGISTER_COLUMNS + v);
    }
  }
}

// Grid (tiles of filters by channels, taps, segments), tiles of all groups. dy in left panels (groups,
// panels, pixels, REGISTER_ROWS); x with x_pixel floats from a pixel to the next, x_panel from a panel to
// the next. Writes (segments, o, taps, channels).
kernel void conv_weights(IN(float, dy), IN(float, x), OUT(float, y), const int images, const int in_h,
    const int in_w, const int grid_h, const int grid_w, const int stride_y, const int stride_x,
    const int tap_y, const int tap_step_y, const int taps_x, const int tap_x, const int tap_step_x,
    const int filters, const int channels, const int x_pixel, const long x_panel, const int segment) {
  int row_panels = (filters + REGISTER_ROWS - 1) / REGISTER_ROWS;
  int column_panels = (channels + REGISTER_COLUMNS - 1) / REGISTER_COLUMNS;
  int row_panel = get_global_id(0) % row_panels;
  int rest = get_global_id(0) / row_panels;
  int column_panel = rest % column_panels;
  int group = rest / column_panels;
  int tap = get_global_id(1);
  int ty = tap_y + tap / taps_x * tap_step_y;
  int tx = tap_x + tap % taps_x * tap_step_x;
  // Grid columns whose input pixel is inside the image.
  int low = tx >= 0 ? 0 : (-tx + stride_x - 1) / stride_x;
  int high = in_w - tx <= 0 ? 0 : min(grid_w, (in_w - tx - 1) / stride_x + 1);
  int pixels = images * grid_h * grid_w;
  int begin = get_global_id(2) * segment;
  int end = min(pixels, begin + segment);
  global const float *left = AT(dy) + ((long)group * row_panels + row_panel) * pixels * REGISTER_ROWS;
  global const float *right = AT(x) + ((long)group * column_panels + column_panel) * x_panel;
  TILE_VECTOR sums[REGISTER_ROWS][REGISTER_VECTORS];
  tile_clear(sums);
  for (int line = begin / grid_w; line * grid_w < end; line++) {
    int in_y = line % grid_h * stride_y + ty;
    int from = max(low, begin - line * grid_w);
    int to = min(high, end - line * grid_w);
    if (in_y >= 0 && in_y < in_h && from < to) {
      long first = (long)(line / grid_h * in_h + in_y) * in_w + from * stride_x + tx;
      tile_add_outer(sums, left + ((long)line * grid_w + from) * REGISTER_ROWS, right + first * x_pixel,
          stride_x * x_pixel, to - from);
    }
  }
  global float *part = AT(y)
      + (get_global_id(2) * (long)(get_global_size(0) / row_panels / column_panels)) * filters
          * get_global_size(1) * channels;
  Epilogue none = {0, 0, ACTIVATION_IDENTITY, 0};
  int at[REGISTER_ROWS];
#pragma unroll
  for (int r = 0; r < REGISTER_ROWS; r++) {
    int o = min(filters - 1, row_panel * REGISTER_ROWS + r);
    at[r] = ((group * filters + o) * get_global_size(1) + tap) * channels;
  }
  tile_store(sums, none, part, at, min(REGISTER_ROWS, filters - row_panel * REGISTER_ROWS),
      column_panel * REGISTER_COLUMNS, channels);
}

// y[i] = the sum of parts[s * n + i] over s below segments.
kernel void add_segments(IN(float, parts), OUT(float, y), const int n, const int segments) {
  int i = get_global_id(0);
  if (i < n) {
    float sum = AT(parts)[i];
    for (int s = 1; s < segments; s++) {
      sum += AT(parts)[(long)s * n + i];
    }
    AT(y)[i] = sum;
  }
}

#endif
