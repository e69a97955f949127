// What the kernels of a convolution read and write, as rows of an implicit matrix product (conv_local.cl,
// depthwise.cl). Pixel (n, y, x) of a grid reads, for tap (i, j), input pixel
//
//   (n, y * stride_y + tap_y + i * tap_step_y, x * stride_x + tap_x + j * tap_step_x)
//
// or zeros where that is outside the image, and is written to output pixel
// (n, y * step_y + y, x * step_x + x) of a Scatter. The forward pass is one such grid. The gradient to the
// images is one for each remainder of the position modulo the stride, since within one the same taps meet:
// no multiplication by the zeros between strides.
//
// The host's class Gather gives the arguments for GATHER and SCATTER.

typedef struct {
  int in_h, in_w;
  int pixel;     // floats from an input pixel to the next
  int channels;  // that a group reads of it
  int pixels;    // of the grid, over all images
  int grid_h, grid_w;
  int stride_y, stride_x;
  int taps_y, taps_x;
  int tap_y, tap_x;
  int tap_step_y, tap_step_x;
} Gather;

#define GATHER                                                                                        \
  const int in_h, const int in_w, const int pixel, const int channels, const int pixels,              \
      const int grid_h, const int grid_w, const int stride_y, const int stride_x, const int taps_y,   \
      const int taps_x, const int tap_y, const int tap_x, const int tap_step_y, const int tap_step_x
#define GATHER_OF_ARGUMENTS                                                                           \
  {                                                                                                   \
    in_h, in_w, pixel, channels, pixels, grid_h, grid_w, stride_y, stride_x, taps_y, taps_x, tap_y,   \
        tap_x, tap_step_y, tap_step_x                                                                 \
  }

typedef struct {
  int h, w;
  int pixel;  // floats from an output pixel to the next
  int step_y, step_x;
  int y, x;
} Scatter;

#define SCATTER                                                                                       \
  const int out_h, const int out_w, const int out_pixel, const int out_step_y, const int out_step_x,  \
      const int out_y, const int out_x
#define SCATTER_OF_ARGUMENTS                                                                          \
  { out_h, out_w, out_pixel, out_step_y, out_step_x, out_y, out_x }

// Where the result of a grid's pixel is written.
INLINED int place_of_result(Scatter s, int image, int y, int x) {
  return ((image * s.h + y * s.step_y + s.y) * s.w + x * s.step_x + s.x) * s.pixel;
}
