package dev.tilework.io;

import dev.tilework.DType;
import dev.tilework.Tensor;
import dev.tilework.nn.Linear;
import java.util.Arrays;

/** From PyTorch's order of axes to this library's. */
final class TorchLayout {
  private TorchLayout() {}

  /**
   * A tensor of a file in the order of a model's tensor, or null where it does not fit.
   *
   * @param layer whose weight it is, or null
   */
  static TensorView arrange(TensorView v, Tensor target, Linear layer) {
    if (!TorchWeights.isFloating(v.type()) || target.dtype() != DType.FLOAT32) {
      return null;
    }
    int[] wanted = target.shape().dims();
    if (v.dims().length == 4 && wanted.length == 4) {
      TensorView moved = v.permute(0, 2, 3, 1);
      return Arrays.equals(moved.dims(), wanted) ? moved : null;
    }
    if (wanted.length == 2 && layer != null) {
      return linear(v, wanted, layer);
    }
    return Arrays.equals(v.dims(), wanted) ? v : null;
  }

  /**
   * Weights (out, in), or of a convolution over the whole image, (out, channels, rows, columns).
   */
  private static TensorView linear(TensorView v, int[] wanted, Linear layer) {
    int rows = layer.rows();
    int columns = layer.columns();
    int channels = wanted[1] / (rows * columns);
    if (v.dims().length == 2) {
      if (!Arrays.equals(v.dims(), wanted)) {
        return null;
      }
      return rows * columns == 1 ? v : v.splitLast(channels, rows, columns).permute(0, 2, 3, 1);
    }
    boolean fits = Arrays.equals(v.dims(), new int[] {wanted[0], channels, rows, columns});
    return fits ? v.permute(0, 2, 3, 1) : null;
  }
}
