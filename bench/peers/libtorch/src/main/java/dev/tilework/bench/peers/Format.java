package dev.tilework.bench.peers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Locale;

/** PyTorch's memory formats of images (n, c, h, w) and of weights. */
enum Format {
  /** Channel after channel. */
  CONTIGUOUS {
    @Override
    NDArray of(NDManager manager, float[] nhwc, int n, int h, int w, int c) {
      return plain(manager, Data.nchw(nhwc, n, h, w, c), n, c, h, w);
    }

    @Override
    NDArray random(NDManager manager, int n, int h, int w, int c) {
      return manager.randomNormal(0, 0.05f, new Shape(n, c, h, w), DataType.FLOAT32);
    }
  },
  /** Pixel after pixel; the strides tell the kernels. */
  CHANNELS_LAST {
    @Override
    NDArray of(NDManager manager, float[] nhwc, int n, int h, int w, int c) {
      return plain(manager, nhwc, n, h, w, c).transpose(0, 3, 1, 2);
    }

    @Override
    NDArray random(NDManager manager, int n, int h, int w, int c) {
      return manager
          .randomNormal(0, 0.05f, new Shape(n, h, w, c), DataType.FLOAT32)
          .transpose(0, 3, 1, 2);
    }
  };

  static final List<String> NAMES = List.of(CONTIGUOUS.formName(), CHANNELS_LAST.formName());

  /** Images, or weights, of this library's layout in this format. */
  abstract NDArray of(NDManager manager, float[] nhwc, int n, int h, int w, int c);

  /** Random numbers in this format. */
  abstract NDArray random(NDManager manager, int n, int h, int w, int c);

  String formName() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Format named(String form) {
    return valueOf(form.toUpperCase(Locale.ROOT));
  }

  /** An array as it stands. */
  static NDArray plain(NDManager manager, float[] values, long... dims) {
    return manager.create(FloatBuffer.wrap(values), new Shape(dims));
  }

  static Shape pair(long both) {
    return new Shape(both, both);
  }

  /** The numbers in this library's layout. */
  static float[] values(NDArray a) {
    if (a.getShape().dimension() != 4) {
      return a.toFloatArray();
    }
    try (NDArray nhwc = a.transpose(0, 2, 3, 1)) {
      return nhwc.toFloatArray();
    }
  }
}
