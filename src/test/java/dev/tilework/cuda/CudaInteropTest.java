package dev.tilework.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tilework.DType;
import dev.tilework.Device;
import dev.tilework.Devices;
import dev.tilework.Precision;
import dev.tilework.Scope;
import dev.tilework.Tensor;
import dev.tilework.kernels.ConvGeometry;
import dev.tilework.kernels.ConvOp;
import dev.tilework.kernels.DeviceException;
import dev.tilework.kernels.DeviceLostException;
import dev.tilework.kernels.ElementwiseOp;
import java.util.List;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A program's own CUDA beside the library's: its memory, its stream, its kernels. */
class CudaInteropTest {
  private Device device;

  @BeforeEach
  void open() {
    device = gpu(0);
  }

  @AfterEach
  void restore() {
    schedule(1);
  }

  private static Device gpu(int number) {
    List<Device> found =
        Devices.all().stream().filter(d -> d.name().equals("cuda:" + number)).toList();
    Assumptions.assumeTrue(!found.isEmpty(), "there is no device cuda:" + number);
    return found.getFirst();
  }

  private static void schedule(int number) {
    if (StandIn.isHere()) {
      StandIn.schedule(number);
    }
  }

  private static void check(int result) {
    assertEquals(0, result, () -> CudaStatus.text(result));
  }

  /** A program's memory with a content; the device's context is current afterwards. */
  private static CUdeviceptr memory(Device of, float... content) {
    CudaInterop.stream(of);
    CUdeviceptr p = new CUdeviceptr();
    check(JCudaDriver.cuMemAlloc(p, 4L * content.length));
    write(p, content);
    return p;
  }

  private static void write(CUdeviceptr p, float... content) {
    check(JCudaDriver.cuMemcpyHtoD(p, Pointer.to(content), 4L * content.length));
  }

  private static float[] content(CUdeviceptr p, int n) {
    float[] values = new float[n];
    check(JCudaDriver.cuMemcpyDtoH(Pointer.to(values), p, 4L * n));
    return values;
  }

  private static CUstream stream() {
    CUstream s = new CUstream();
    check(JCudaDriver.cuStreamCreate(s, CUstream_flags.CU_STREAM_NON_BLOCKING));
    return s;
  }

  private static void assertMessage(Throwable e, String... words) {
    for (String w : words) {
      assertTrue(e.getMessage().contains(w), "'" + w + "' is not in: " + e.getMessage());
    }
  }

  @Test
  void aWrappedTensorIsTheProgramsMemory() {
    CUdeviceptr p = memory(device, 1, 2, 3, 4, 5, 6);
    long live = device.memory().live();
    try (Scope scope = Scope.open()) {
      Tensor x = CudaInterop.wrap(device, p, DType.FLOAT32, 2, 3);
      assertEquals(live, device.memory().live());
      assertArrayEquals(new float[] {5, 7, 9}, x.sum(0).toArray());
      device.runInto(x, new ElementwiseOp.Affine(10, 0), x);
      device.synchronize();
    }
    assertArrayEquals(new float[] {10, 20, 30, 40, 50, 60}, content(p, 6));
    check(JCudaDriver.cuMemFree(p));
  }

  @Test
  void aTensorMayBeginWithinAnAllocation() {
    CUdeviceptr p = memory(device, 9, 1, 2, 3, 4, 5, 6, 7, 8);
    try (Scope scope = Scope.open()) {
      Tensor x = CudaInterop.wrap(device, p.withByteOffset(4), DType.FLOAT32, 2, 4);
      assertArrayEquals(new float[] {2, 3, 4, 5, 6, 7, 8, 9}, x.add(1).toArray());
      Tensor row = x.slice(0, 1, 1);
      assertArrayEquals(new float[] {5, 6, 7, 8}, content(CudaInterop.pointer(row), 4));
    }
    check(JCudaDriver.cuMemFree(p));
  }

  @Test
  void whatCannotBeWrapped() {
    CUdeviceptr p = memory(device, 1, 2, 3, 4);
    Throwable e = refused(device, p, 5);
    assertMessage(e, "float32[5]", "20 bytes", "has 16");
    e = refused(device, p.withByteOffset(8), 3);
    assertMessage(e, "12 bytes", "has 8");
    e = refused(device, p.withByteOffset(2), 1);
    assertMessage(e, "no multiple of 4");
    e = refused(Devices.cpu(), p, 4);
    assertMessage(e, "cpu is not a CUDA device");
    check(JCudaDriver.cuMemFree(p));
    e = refused(device, p, 4);
    assertMessage(e, "is not device memory");
  }

  private static Throwable refused(Device device, CUdeviceptr p, int n) {
    return assertThrows(
        IllegalArgumentException.class, () -> CudaInterop.wrap(device, p, DType.FLOAT32, n));
  }

  @Test
  void memoryOfAnotherGpuIsRefused() {
    CUdeviceptr p = memory(gpu(1), 1, 2, 3, 4);
    assertMessage(refused(device, p, 4), "cuda:0", "on GPU 1");
    CudaInterop.stream(gpu(1));
    check(JCudaDriver.cuMemFree(p));
  }

  @Test
  void pointersOfTensors() {
    Tensor x = Tensor.of(device, new float[] {1, 2, 3}, 3).unscoped();
    device.synchronize();
    assertArrayEquals(new float[] {1, 2, 3}, content(CudaInterop.pointer(x), 3));
    x.close();
    assertMessage(
        assertThrows(IllegalStateException.class, () -> CudaInterop.pointer(x)), "was closed");
    try (Tensor y = Tensor.of(Devices.cpu(), new float[] {1}, 1)) {
      assertMessage(
          assertThrows(IllegalArgumentException.class, () -> CudaInterop.pointer(y)),
          "is not on a CUDA device");
    }
  }

  /** The program's copies before and after, and the library's kernels between: nobody waits. */
  @Test
  void operationsTakeTheirPlaceInTheProgramsStream() {
    CUdeviceptr from = memory(device, new float[1000]);
    CUdeviceptr to = memory(device, new float[1000]);
    CUstream stream = stream();
    try (StreamDevice own = CudaInterop.inStream(0, stream)) {
      for (int i = 0; i < 12; i++) {
        schedule(i);
        float value = i + 1;
        try (Scope scope = Scope.open()) {
          check(JCudaDriver.cuMemsetD32Async(from, Float.floatToRawIntBits(value), 1000, stream));
          Tensor x = CudaInterop.wrap(own.device(), from, DType.FLOAT32, 1000);
          Tensor y = x.add(x).multiply(3);
          check(JCudaDriver.cuMemcpyDtoDAsync(to, CudaInterop.pointer(y), 4000, stream));
          // Comes after the copy, though the memory goes to another tensor now.
          y.close();
          Tensor.full(own.device(), -1, 1000);
        }
        check(JCudaDriver.cuStreamSynchronize(stream));
        for (float f : content(to, 1000)) {
          assertEquals(6 * value, f, "round " + i);
        }
      }
    }
    check(JCudaDriver.cuStreamDestroy(stream));
    check(JCudaDriver.cuMemFree(from));
    check(JCudaDriver.cuMemFree(to));
  }

  @Test
  void weightsThatTheProgramWroteArePackedAnew() {
    device.precision(Precision.FP32);
    // Rows of three channels are no multiple of four, so a padded copy is kept.
    ConvGeometry g = new ConvGeometry(1, 1, 1, 3, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1);
    CUdeviceptr p = memory(device, 1, 1, 1);
    try (Scope scope = Scope.open()) {
      Tensor w = CudaInterop.wrap(device, p, DType.FLOAT32, 1, 1, 1, 3);
      Tensor x = Tensor.of(device, new float[] {1, 2, 3}, 1, 1, 1, 3);
      assertEquals(6, device.run1(new ConvOp.Forward(g), x, w).item());
      write(p, 100, 10, 1);
      CudaInterop.written(w);
      assertEquals(123, device.run1(new ConvOp.Forward(g), x, w).item());
    }
    check(JCudaDriver.cuMemFree(p));
  }

  @Test
  void aClosedDeviceLeavesNothingBehind() {
    StandIn.assume();
    CudaInterop.stream(device);
    CUstream stream = stream();
    long[] before = StandIn.counts();
    Tensor forgotten;
    try (StreamDevice own = CudaInterop.inStream(0, stream)) {
      try (Scope scope = Scope.open()) {
        assertEquals(3, Tensor.of(own.device(), new float[] {1, 2}, 2).sum().item());
      }
      forgotten = Tensor.of(own.device(), new float[] {1, 2}, 2).unscoped();
      own.close();
      assertMessage(assertThrows(DeviceException.class, forgotten::toArray), "was closed");
      assertMessage(
          assertThrows(DeviceException.class, () -> Tensor.zeros(own.device(), 1)), "was closed");
    }
    forgotten.close();
    assertArrayEquals(before, StandIn.counts());
    check(JCudaDriver.cuStreamDestroy(stream));
  }

  @Test
  void aStreamOfAnotherGpuIsRefused() {
    CudaInterop.stream(gpu(1));
    CUstream stream = stream();
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> CudaInterop.inStream(0, stream));
    assertMessage(e, "primary context of cuda:0");
    e = assertThrows(IllegalArgumentException.class, () -> CudaInterop.inStream(77, stream));
    assertMessage(e, "no device cuda:77");
    CudaInterop.stream(gpu(1));
    check(JCudaDriver.cuStreamDestroy(stream));
  }

  @Test
  void whatIsLostIsLostForAllDevicesOfTheGpu() {
    StandIn.assume();
    Device other = gpu(FailureTest.GPU);
    Tensor y = Tensor.of(other, new float[] {1}, 1).unscoped();
    StreamDevice own = CudaInterop.inStream(FailureTest.GPU, stream());
    Tensor x = Tensor.of(own.device(), new float[] {1}, 1).unscoped();
    StandIn.failCall(2, CUresult.CUDA_ERROR_ILLEGAL_ADDRESS);
    assertThrows(DeviceLostException.class, () -> x.add(1));
    StandIn.failCall(0, 0);
    assertMessage(assertThrows(DeviceLostException.class, y::toArray), "lost before");
    // The stream went with the context, so this device does not come back; the others do.
    assertThrows(DeviceLostException.class, () -> Tensor.zeros(own.device(), 1));
    x.close();
    own.close();
    y.close();
    try (Tensor z = Tensor.of(other, new float[] {5}, 1);
        StreamDevice again = CudaInterop.inStream(FailureTest.GPU, stream())) {
      assertEquals(5, z.item());
      try (Tensor t = Tensor.of(again.device(), new float[] {6}, 1)) {
        assertEquals(6, t.item());
        assertEquals(5, z.item());
      }
    }
  }
}
