package dev.tilework.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.tilework.Device;
import dev.tilework.Devices;
import dev.tilework.Precision;
import dev.tilework.Scope;
import dev.tilework.Tensor;
import dev.tilework.kernels.ConvOp;
import dev.tilework.kernels.DeviceException;
import dev.tilework.kernels.MatmulOp;
import dev.tilework.kernels.Op;
import dev.tilework.kernels.Operand;
import dev.tilework.kernels.Sample;
import dev.tilework.kernels.Samples;
import dev.tilework.kernels.Tolerance;
import dev.tilework.kernels.reference.HostTensor;
import dev.tilework.kernels.reference.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Our convolutions and products beside cuDNN's and cuBLAS's, over the samples of the contract test;
 * skipped by name where there is no GPU or one of the libraries is missing.
 */
class SecondOpinionTest {
  private static final int SHOWN = 5;

  /** An operation by one of NVIDIA's libraries; false where the library does not offer it. */
  private interface Library {
    boolean run(Session s, Op op, List<Operand> out, List<Operand> in, Precision p);
  }

  @TestFactory
  Stream<DynamicTest> cudnnAgrees() {
    return tests(
        "cuDNN",
        List.of(ConvOp.Forward.class, ConvOp.DataGrad.class, ConvOp.WeightGrad.class),
        (s, op, out, in, p) ->
            op instanceof ConvOp c
                && CudnnCall.fits(c.geometry(), p)
                && s.libraries.cudnn().run(c, out, in, p));
  }

  @TestFactory
  Stream<DynamicTest> cublasAgrees() {
    return tests(
        "cuBLAS",
        List.of(MatmulOp.Matmul.class),
        (s, op, out, in, p) -> {
          s.libraries.cublas().run((MatmulOp.Matmul) op, out.getFirst(), in, p);
          return true;
        });
  }

  private static Stream<DynamicTest> tests(
      String library, List<Class<? extends Op>> operations, Library theirs) {
    return operations.stream()
        .flatMap(
            o ->
                Stream.of(Precision.FP32, Precision.TF32)
                    .map(
                        p ->
                            dynamicTest(
                                library + " " + o.getSimpleName() + " in " + p,
                                () -> compare(library, Samples.all().get(o), p, theirs))));
  }

  private static Device device(String library) {
    Assumptions.assumeFalse(StandIn.isHere(), "the stand-in for the CUDA driver has no libraries");
    Device d = Devices.all().stream().filter(x -> x.kind().equals("cuda")).findFirst().orElse(null);
    Assumptions.assumeTrue(d != null, "there is no GPU for a second opinion");
    ((CudaDriver) d.driver())
        .with(
            s -> {
              try {
                return library.equals("cuDNN") ? s.libraries.cudnn() : s.libraries.cublas();
              } catch (DeviceException e) {
                // Anything but a missing library is a failure.
                Assumptions.assumeFalse(e.getMessage().contains(" needs "), e.getMessage());
                throw e;
              }
            });
    return d;
  }

  private static void compare(String library, List<Sample> samples, Precision p, Library theirs) {
    Device device = device(library);
    Precision before = device.precision();
    device.precision(p);
    List<String> problems = new ArrayList<>();
    int compared = 0;
    try {
      for (Sample sample : samples) {
        try (Scope scope = Scope.open()) {
          Tensor[] in = sample.inputs().stream().map(t -> t.to(device)).toArray(Tensor[]::new);
          Tensor ours = device.run1(sample.op(), in);
          Tensor other = device.run1(sample.op(), in);
          List<Operand> operands = Stream.of(in).map(Tensor::operand).toList();
          boolean offered =
              ((CudaDriver) device.driver())
                  .with(s -> theirs.run(s, sample.op(), List.of(other.operand()), operands, p));
          if (offered) {
            compared++;
            problems.addAll(differences(sample, p, ours.toArray(), other.toArray()));
          }
        }
      }
    } finally {
      device.precision(before);
    }
    assertTrue(compared > samples.size() / 4, library + " ran " + compared + " samples");
    assertEquals(List.of(), problems.subList(0, Math.min(SHOWN, problems.size())));
  }

  /** Each side may be off by the tolerance for real numbers: the library may use transforms. */
  private static List<String> differences(Sample s, Precision p, float[] ours, float[] theirs) {
    HostTensor expected = Reference.run(s.op(), s.inputs()).getFirst();
    double bound = 2 * Tolerance.ofReals(s, p).bound(Tolerance.terms(s));
    double largest = 0;
    for (double m : expected.magnitude()) {
      largest = Math.max(largest, m);
    }
    for (int i = 0; i < ours.length; i++) {
      if (!(Math.abs(ours[i] - theirs[i]) <= bound * largest + Float.MIN_NORMAL)) {
        return List.of(
            s
                + " at "
                + i
                + ": ours "
                + ours[i]
                + ", theirs "
                + theirs[i]
                + ", expected "
                + expected.get(i));
      }
    }
    return List.of();
  }
}
