package dev.tilework.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The stand-in for the CUDA driver finds the faults it is there for, and nothing in right code. */
class PlantedFaultsTest {
  private static final int FLOATS = 64;
  private static final List<Integer> SCHEDULES = List.of(0, 1, 7);

  private final CUdevice device = new CUdevice();
  private final CUmodule module = new CUmodule();
  private final CUdeviceptr buffer = new CUdeviceptr();
  private byte[] image;

  /** A kernel of faults.cu, its threads, and what the message about it says. */
  private record Fault(String kernel, int threads, String... said) {}

  private static final List<Fault> FAULTS =
      List.of(
          new Fault("fault_barrier", 64, "shared memory", "faults.cu"),
          new Fault("fault_warp_barrier", 32, "faults.cu"),
          new Fault("fault_write_past", 64, "write of 4 bytes outside every device buffer"),
          new Fault("fault_read_past", 64, "read of 4 bytes outside every device buffer"),
          new Fault("fault_shared_past", 32, "faults.cu", "bounds"),
          new Fault("fault_unset", 32, "read of shared memory that nobody wrote"),
          new Fault("fault_wait", 16, "asynchronous copy before the wait"),
          new Fault("fault_half_warp", 32, "__shfl_xor_sync"),
          new Fault("fault_half_block", 64, "left the kernel"),
          new Fault("fault_two_barriers", 64, "__syncthreads here meets __syncthreads at"),
          new Fault("fault_misaligned", 8, "misaligned"),
          new Fault("fault_overflow", 32, "undefined behaviour: add_overflow"));

  @BeforeEach
  void open() throws IOException {
    StandIn.assume();
    Path library = Path.of(System.getProperty("tilework.cuda.driver")).toAbsolutePath();
    System.load(library.toString());
    image = Files.readAllBytes(library.resolveSibling("faults.so"));
    check(JCudaDriver.cuInit(0));
    check(JCudaDriver.cuDeviceGet(device, FailureTest.GPU));
    CUcontext context = new CUcontext();
    check(JCudaDriver.cuDevicePrimaryCtxRetain(context, device));
    check(JCudaDriver.cuCtxSetCurrent(context));
    fill();
  }

  private void fill() {
    check(JCudaDriver.cuModuleLoadData(module, image));
    check(JCudaDriver.cuMemAlloc(buffer, 4L * FLOATS));
    check(JCudaDriver.cuMemsetD32Async(buffer, 0, FLOATS, null));
  }

  @AfterEach
  void close() {
    if (StandIn.isHere()) {
      StandIn.schedule(0);
      JCudaDriver.cuDevicePrimaryCtxReset(device);
    }
  }

  private static void check(int result) {
    assertEquals(0, result, () -> CudaStatus.text(result));
  }

  @TestFactory
  Stream<DynamicTest> eachFaultIsFoundAndNoOther() {
    return FAULTS.stream()
        .flatMap(
            f ->
                SCHEDULES.stream()
                    .map(
                        s ->
                            dynamicTest(
                                f.kernel() + " under schedule " + s,
                                () -> {
                                  StandIn.schedule(s);
                                  assertEquals("", run(f, 0), "what is said of right code");
                                  String said = run(f, 1);
                                  for (String part : f.said()) {
                                    assertTrue(said.contains(part), said);
                                  }
                                  assertTrue(said.contains(f.kernel()), said);
                                })));
  }

  /** What the driver says of a launch; empty where it went well. */
  private String run(Fault fault, int wrong) {
    CUfunction f = new CUfunction();
    check(JCudaDriver.cuModuleGetFunction(f, module, fault.kernel()));
    Pointer parameters = Pointer.to(Pointer.to(buffer), Pointer.to(new int[] {wrong}));
    check(JCudaDriver.cuLaunchKernel(f, 1, 1, 1, fault.threads(), 1, 1, 0, null, parameters, null));
    int result = JCudaDriver.cuCtxSynchronize();
    if (result == CUresult.CUDA_SUCCESS) {
      return "";
    }
    assertEquals(CUresult.CUDA_ERROR_LAUNCH_FAILED, result);
    String said = CudaStatus.text(result);
    // A failed kernel leaves a context in which nothing works any more.
    JCudaDriver.cuDevicePrimaryCtxReset(device);
    fill();
    return said;
  }
}
