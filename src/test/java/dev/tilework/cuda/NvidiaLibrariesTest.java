package dev.tilework.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tilework.Precision;
import dev.tilework.kernels.ConvGeometry;
import dev.tilework.kernels.DeviceException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.util.function.Supplier;
import jcuda.jcudnn.cudnnDeterminism;
import jcuda.jcudnn.cudnnMathType;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * When NVIDIA's libraries are asked, what they are asked, and what is said where they are missing.
 */
class NvidiaLibrariesTest {
  /** Everything that two axes or two sides can have is different. */
  private static final ConvGeometry ODD =
      new ConvGeometry(2, 11, 13, 6, 9, 3, 5, 2, 1, 1, 2, 1, 2, 1, 3, 3);

  private static ConvGeometry padded(int top, int left, int bottom, int right) {
    return new ConvGeometry(1, 8, 8, 4, 4, 3, 3, 1, 1, top, left, bottom, right, 1, 1, 1);
  }

  private static final ConvGeometry DEPTHWISE =
      new ConvGeometry(1, 8, 8, 4, 4, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 4);

  @Test
  void withoutAPropertyOurOwnKernelsRun() {
    for (Precision p : Precision.values()) {
      assertEquals(ConvChoice.DIRECT, ConvChoice.of(ODD, p, null));
      assertEquals(ConvChoice.DEPTHWISE, ConvChoice.of(DEPTHWISE, p, null));
      assertEquals(GemmChoice.TILED, GemmChoice.of(p, null));
    }
  }

  @Test
  void aForcedKernelRunsWhereItFits() {
    ConvChoice cudnn = ConvChoice.forced("cudnn");
    assertEquals(ConvChoice.CUDNN, ConvChoice.of(ODD, Precision.FP32, cudnn));
    assertEquals(ConvChoice.CUDNN, ConvChoice.of(DEPTHWISE, Precision.TF32, cudnn));
    assertEquals(ConvChoice.DIRECT, ConvChoice.of(ODD, Precision.BF16, cudnn));
    assertEquals(ConvChoice.DEPTHWISE, ConvChoice.of(DEPTHWISE, Precision.FP16, cudnn));
    assertEquals(ConvChoice.CUDNN, ConvChoice.of(padded(1, 2, 1, 2), Precision.FP32, cudnn));
    assertEquals(ConvChoice.DIRECT, ConvChoice.of(padded(1, 1, 2, 1), Precision.FP32, cudnn));
    assertEquals(ConvChoice.DIRECT, ConvChoice.of(padded(1, 1, 1, 0), Precision.FP32, cudnn));
    ConvChoice direct = ConvChoice.forced("direct");
    assertEquals(ConvChoice.DIRECT, ConvChoice.of(DEPTHWISE, Precision.FP32, direct));
    ConvChoice depthwise = ConvChoice.forced("DepthWise");
    assertEquals(ConvChoice.DIRECT, ConvChoice.of(ODD, Precision.FP32, depthwise));
    assertEquals(ConvChoice.DEPTHWISE, ConvChoice.of(DEPTHWISE, Precision.FP32, depthwise));
    // A name for another device.
    assertNull(ConvChoice.forced("winograd"));
    assertNull(GemmChoice.forced("mkl"));
    GemmChoice cublas = GemmChoice.forced("cublas");
    assertEquals(GemmChoice.CUBLAS, GemmChoice.of(Precision.FP32, cublas));
    assertEquals(GemmChoice.CUBLAS, GemmChoice.of(Precision.TF32, cublas));
    assertEquals(GemmChoice.TILED, GemmChoice.of(Precision.BF16, cublas));
  }

  @Test
  void theNumbersOfCudnnsDescriptors() {
    CudnnCall expected =
        new CudnnCall(
            new CudnnCall.Extents(2, 6, 11, 13),
            new CudnnCall.Extents(9, 2, 3, 5),
            new CudnnCall.Extents(2, 9, 6, 5),
            1,
            2,
            2,
            1,
            1,
            3,
            3,
            true);
    assertEquals(expected, CudnnCall.of(ODD, Precision.TF32));
    assertEquals(false, CudnnCall.of(ODD, Precision.FP32).tensorCores());
  }

  private static CudnnPlan.Algorithm algorithm(int number, int status, boolean same, int math) {
    int determinism =
        same ? cudnnDeterminism.CUDNN_DETERMINISTIC : cudnnDeterminism.CUDNN_NON_DETERMINISTIC;
    return new CudnnPlan.Algorithm(number, status, 0, determinism, math);
  }

  @Test
  void theFastestAlgorithmThatGivesTheSameBitsAndRoundsNoMoreThanAllowed() {
    CudnnPlan.Algorithm failing = algorithm(0, 3000, true, cudnnMathType.CUDNN_DEFAULT_MATH);
    CudnnPlan.Algorithm atomic = algorithm(1, 0, false, cudnnMathType.CUDNN_DEFAULT_MATH);
    CudnnPlan.Algorithm half =
        algorithm(2, 0, true, cudnnMathType.CUDNN_TENSOR_OP_MATH_ALLOW_CONVERSION);
    CudnnPlan.Algorithm tensor = algorithm(3, 0, true, cudnnMathType.CUDNN_TENSOR_OP_MATH);
    CudnnPlan.Algorithm plain = algorithm(4, 0, true, cudnnMathType.CUDNN_FMA_MATH);
    CudnnPlan.Algorithm[] all = {failing, atomic, half, tensor, plain};
    assertEquals(tensor, CudnnPlan.first(all, true));
    assertEquals(plain, CudnnPlan.first(all, false));
    assertNull(CudnnPlan.first(new CudnnPlan.Algorithm[] {failing, atomic, half}, true));
  }

  /** What cublasGemmEx does, by its definition, over column-major matrices. */
  private static float[] columnMajor(CublasCall c, float[] first, float[] second) {
    float[] y = new float[c.m() * c.n()];
    for (int i = 0; i < c.m(); i++) {
      for (int j = 0; j < c.n(); j++) {
        for (int l = 0; l < c.k(); l++) {
          float f = first[c.transposeFirst() ? l + i * c.pitchFirst() : i + l * c.pitchFirst()];
          float s = second[c.transposeSecond() ? j + l * c.pitchSecond() : l + j * c.pitchSecond()];
          y[i + j * c.pitchResult()] += f * s;
        }
      }
    }
    return y;
  }

  @Test
  void theNumbersOfCublasGiveTheRowMajorProduct() {
    int m = 2;
    int n = 3;
    int k = 4;
    for (boolean transposeA : new boolean[] {false, true}) {
      for (boolean transposeB : new boolean[] {false, true}) {
        float[] a = new float[m * k];
        float[] b = new float[k * n];
        float[] y = new float[m * n];
        for (int i = 0; i < m; i++) {
          for (int l = 0; l < k; l++) {
            a[transposeA ? l * m + i : i * k + l] = 1 + 10 * i + l;
          }
        }
        for (int l = 0; l < k; l++) {
          for (int j = 0; j < n; j++) {
            b[transposeB ? j * k + l : l * n + j] = 5 + 7 * l - j * j;
          }
        }
        for (int i = 0; i < m; i++) {
          for (int j = 0; j < n; j++) {
            for (int l = 0; l < k; l++) {
              y[i * n + j] += (1 + 10 * i + l) * (5 + 7 * l - j * j);
            }
          }
        }
        CublasCall c = CublasCall.of(transposeA, transposeB, m, n, k);
        assertArrayEquals(y, columnMajor(c, b, a), transposeA + " " + transposeB);
      }
    }
  }

  private static void assertNamesWhatIsMissing(Supplier<?> open, String... words) {
    DeviceException e = assertThrows(DeviceException.class, open::get);
    for (String w : words) {
      assertTrue(e.getMessage().contains(w), "'" + w + "' is not in: " + e.getMessage());
    }
  }

  @Test
  void whatIsMissingIsNamed() {
    assertNamesWhatIsMissing(
        () ->
            NvidiaLibraries.open(
                "-Dx=y",
                "libz.so.1",
                () -> {
                  throw new NoClassDefFoundError("jcuda/Z");
                }),
        "-Dx=y needs libz.so.1",
        "NoClassDefFoundError",
        "jcuda/Z");
  }

  private static boolean isInstalled(String library) {
    try (Arena arena = Arena.ofConfined()) {
      SymbolLookup.libraryLookup(library, arena);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  @Test
  void missingLibrariesAreNamedAtTheFirstUseAndAtEachAfterIt() throws IOException {
    StandIn.assume();
    Assumptions.assumeFalse(
        isInstalled("libcudnn.so.9") || isInstalled("libcublas.so.12"),
        "cuDNN or cuBLAS is installed");
    Session s = new Session(GpuInfo.of(0), "cuda:0", CudaProvider.module(), null);
    try {
      for (int i = 0; i < 2; i++) {
        assertNamesWhatIsMissing(
            s.libraries::cudnn, "-Dtilework.conv=cudnn", "libcudnn.so.9", "jcudnn");
        assertNamesWhatIsMissing(
            s.libraries::cublas, "-Dtilework.gemm=cublas", "libcublas.so.12", "jcublas");
      }
    } finally {
      s.close();
    }
  }
}
