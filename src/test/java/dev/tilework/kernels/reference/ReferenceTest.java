package dev.tilework.kernels.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tilework.DType;
import dev.tilework.Shape;
import dev.tilework.kernels.Activation;
import dev.tilework.kernels.ConvGeometry;
import dev.tilework.kernels.ConvOp;
import dev.tilework.kernels.LossOp;
import dev.tilework.kernels.MatmulOp;
import dev.tilework.kernels.Op;
import dev.tilework.kernels.PoolGeometry;
import dev.tilework.kernels.PoolOp;
import dev.tilework.kernels.SoftmaxOp;
import dev.tilework.kernels.TensorSpec;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The reference against numbers from elsewhere: published test vectors, and sums done by hand. */
class ReferenceTest {
  private static HostTensor tensor(int[] dims, double... values) {
    return new HostTensor(TensorSpec.f32(Shape.of(dims)), values);
  }

  private static double[] run(Op op, HostTensor... in) {
    return Reference.run(op, List.of(in)).getFirst().values();
  }

  /** From the file kat_vectors of Random123, the authors' implementation. */
  @Test
  void philoxGivesThePublishedVectors() {
    assertArrayEquals(
        new int[] {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8},
        RandomReference.philox(new int[4], 0, 0));
    assertArrayEquals(
        new int[] {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd},
        RandomReference.philox(new int[] {-1, -1, -1, -1}, -1, -1));
    assertArrayEquals(
        new int[] {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1},
        RandomReference.philox(
            new int[] {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, 0xa4093822, 0x299f31d0));
  }

  /** Values of Abramowitz and Stegun, table 7.1. */
  @Test
  void erfGivesTheTabulatedValues() {
    assertEquals(0.5204998778, ActivationReference.erf(0.5), 1e-10);
    assertEquals(-0.8427007929, ActivationReference.erf(-1), 1e-10);
    assertEquals(0.9953222650, ActivationReference.erf(2), 1e-10);
    assertEquals(1, ActivationReference.erf(7));
    assertEquals(0.8413447461, ActivationReference.apply(Activation.GELU, 1), 1e-10);
    assertEquals(0.7310585786, ActivationReference.apply(Activation.SILU, 1), 1e-10);
  }

  @Test
  void convolutionIsACrossCorrelation() {
    HostTensor x = tensor(new int[] {1, 3, 3, 1}, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    HostTensor w = tensor(new int[] {1, 2, 2, 1}, 1, 10, 100, 1000);
    ConvGeometry plain = new ConvGeometry(1, 3, 3, 1, 1, 2, 2, 1, 1, 0, 0, 0, 0, 1, 1, 1);
    assertArrayEquals(new double[] {5421, 6532, 8754, 9865}, run(new ConvOp.Forward(plain), x, w));
    // Padding above and to the left only, stride 2: the windows start outside the image.
    ConvGeometry padded = new ConvGeometry(1, 3, 3, 1, 1, 2, 2, 2, 2, 1, 1, 0, 0, 1, 1, 1);
    assertArrayEquals(new double[] {1000, 3200, 7040, 9865}, run(new ConvOp.Forward(padded), x, w));
    assertArrayEquals(
        new double[] {1, 10, 0, 100, 1000, 0, 0, 0, 0},
        run(new ConvOp.DataGrad(plain), tensor(new int[] {1, 2, 2, 1}, 1, 0, 0, 0), w));
    assertArrayEquals(
        new double[] {2, 3, 5, 6},
        run(new ConvOp.WeightGrad(plain), x, tensor(new int[] {1, 2, 2, 1}, 0, 1, 0, 0)));
  }

  @Test
  void groupsKeepTheirChannelsApart() {
    ConvGeometry g = new ConvGeometry(1, 1, 1, 4, 2, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 2);
    HostTensor x = tensor(new int[] {1, 1, 1, 4}, 1, 2, 3, 4);
    HostTensor w = tensor(new int[] {2, 1, 1, 2}, 1, 10, 100, 1000);
    assertArrayEquals(new double[] {21, 4300}, run(new ConvOp.Forward(g), x, w));
  }

  @Test
  void matmulTransposes() {
    HostTensor a = tensor(new int[] {2, 3}, 1, 2, 3, 4, 5, 6);
    HostTensor b = tensor(new int[] {2, 3}, 1, 0, 2, 0, 1, 0);
    HostTensor bias = tensor(new int[] {2}, 100, 200);
    assertArrayEquals(
        new double[] {107, 202, 116, 205}, run(new MatmulOp.Matmul(false, true, true), a, b, bias));
    assertArrayEquals(
        new double[] {1, 4, 2, 2, 5, 4, 3, 6, 6},
        run(new MatmulOp.Matmul(true, false, false), a, b));
  }

  @Test
  void poolingLeavesPaddingOut() {
    HostTensor x = tensor(new int[] {1, 2, 2, 1}, -1, -2, -3, -4);
    PoolGeometry g = new PoolGeometry(1, 2, 2, 1, 2, 2, 2, 2, 1, 1, 1, 1);
    assertArrayEquals(new double[] {-1, -2, -3, -4}, run(new PoolOp.Max(g), x));
    assertArrayEquals(new double[] {-.25, -.5, -.75, -1}, run(new PoolOp.Average(g, true), x));
    assertArrayEquals(new double[] {-1, -2, -3, -4}, run(new PoolOp.Average(g, false), x));
    HostTensor row = tensor(new int[] {1, 1, 5, 1}, 1, 2, 3, 4, 5);
    assertArrayEquals(
        new double[] {1.5, 3, 4.5}, run(new PoolOp.AdaptiveAverage(1, 3), row), 1e-15);
  }

  @Test
  void crossEntropyOfEqualLogitsIsTheLogarithmOfTheClasses() {
    HostTensor labels = new HostTensor(TensorSpec.i32(Shape.of(1)), 3);
    HostTensor logits =
        tensor(new int[] {1, 8}, IntStream.range(0, 8).mapToDouble(i -> 5).toArray());
    assertEquals(Math.log(8), run(new LossOp.CrossEntropy(0.1f), logits, labels)[0], 1e-12);
    assertEquals(0.125, run(new SoftmaxOp.Softmax(false), logits)[0], 1e-15);
  }

  @Test
  void castsRoundToNearestEven() {
    double[] x = {1 + 0x1p-8, 1 + 3 * 0x1p-8, 1 + 0x1p-11, 65520, -1.5, 300, Double.NaN};
    assertArrayEquals(
        new double[] {1, 1 + 0x1p-6, 1, 65536, -1.5, 300, Double.NaN},
        java.util.Arrays.stream(x)
            .map(v -> ElementwiseReference.cast(v, DType.BFLOAT16))
            .toArray());
    assertEquals(Double.POSITIVE_INFINITY, ElementwiseReference.cast(65520, DType.FLOAT16));
    assertEquals(-1, ElementwiseReference.cast(-1.5, DType.INT32));
    assertEquals(255, ElementwiseReference.cast(300, DType.UINT8));
  }
}
