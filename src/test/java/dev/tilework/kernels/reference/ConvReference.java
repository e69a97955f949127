package dev.tilework.kernels.reference;

import dev.tilework.kernels.ConvGeometry;
import dev.tilework.kernels.ConvOp;
import java.util.List;

/** Convolution: one sum over taps, of which each gradient is the transpose in one factor. */
final class ConvReference {
  private ConvReference() {}

  /** A product of the sum: positions in the images, the weights and the output. */
  private interface Tap {
    void at(int x, int w, int y);
  }

  static void run(ConvOp op, List<HostTensor> in, HostTensor out) {
    ConvGeometry g = op.geometry();
    HostTensor a = in.get(0);
    HostTensor b = in.get(1);
    switch (op) {
      case ConvOp.Forward o -> {
        taps(g, (x, w, y) -> out.add(y, a.get(x) * b.get(w)));
        finish(o, in, out);
      }
      case ConvOp.DataGrad o -> taps(g, (x, w, y) -> out.add(x, a.get(y) * b.get(w)));
      case ConvOp.WeightGrad o -> taps(g, (x, w, y) -> out.add(w, a.get(x) * b.get(y)));
    }
  }

  private static void finish(ConvOp.Forward o, List<HostTensor> in, HostTensor y) {
    int filters = o.geometry().o();
    for (int i = 0; i < y.size(); i++) {
      if (o.bias()) {
        y.add(i, in.get(2).get(i % filters));
      }
      if (o.residual()) {
        y.add(i, in.getLast().get(i));
      }
      ActivationReference.applyInPlace(o.activation(), y, i);
    }
  }

  private static void taps(ConvGeometry g, Tap tap) {
    int perGroup = g.channelsPerGroup();
    for (int n = 0; n < g.n(); n++) {
      for (int p = 0; p < g.outH(); p++) {
        for (int q = 0; q < g.outW(); q++) {
          for (int i = 0; i < g.kernelH(); i++) {
            for (int j = 0; j < g.kernelW(); j++) {
              int row = p * g.strideH() - g.padTop() + i * g.dilationH();
              int column = q * g.strideW() - g.padLeft() + j * g.dilationW();
              if (row < 0 || row >= g.h() || column < 0 || column >= g.w()) {
                continue;
              }
              for (int o = 0; o < g.o(); o++) {
                int x = ((n * g.h() + row) * g.w() + column) * g.c();
                int w = ((o * g.kernelH() + i) * g.kernelW() + j) * perGroup;
                int y = ((n * g.outH() + p) * g.outW() + q) * g.o() + o;
                int first = o / g.filtersPerGroup() * perGroup;
                for (int c = 0; c < perGroup; c++) {
                  tap.at(x + first + c, w + c, y);
                }
              }
            }
          }
        }
      }
    }
  }
}
