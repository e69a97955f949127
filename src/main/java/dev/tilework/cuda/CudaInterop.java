package dev.tilework.cuda;

import dev.tilework.DType;
import dev.tilework.Device;
import dev.tilework.Shape;
import dev.tilework.Tensor;
import dev.tilework.kernels.DeviceException;
import dev.tilework.kernels.TensorSpec;
import java.util.Objects;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUpointer_attribute;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/**
 * CUDA devices beside a program's own CUDA, through JCuda: a program's memory as tensors, tensors'
 * memory as pointers, and operations in a program's stream. Nothing is copied.
 *
 * <p><b>Context.</b> A CUDA device works in its GPU's primary context, which is also that of CUDA's
 * runtime API; pointers and streams must belong to it. Calls of a device make that context current
 * in the thread, and leave it so.
 *
 * <p><b>Order.</b> Operations on tensors are enqueued in one stream for each device ({@link
 * #stream}, or the program's own with {@link #inStream}). What is enqueued in that stream before a
 * call of the library is done before it, and what is enqueued there after it sees its results;
 * nobody waits. Work in another stream is ordered by the program: with events between the two
 * streams, or with {@code cuStreamSynchronize} on its own and {@link Device#synchronize} on the
 * library's side. {@code toArray} and {@code read} wait for the library's stream alone.
 *
 * <p><b>Writes.</b> The library keeps weights in its kernels' order beside the tensors they come
 * from. After writing to a tensor's memory call {@link #written}.
 *
 * <p><b>Lifetime.</b> Wrapped memory must stay allocated until the work on it is done, which
 * closing the tensor does not wait for. A pointer to a tensor's memory is good until the tensor and
 * its views are closed; the memory then goes to the next tensor of that size, in the order of the
 * library's stream. When a GPU is lost ({@link dev.tilework.kernels.DeviceLostException}) its
 * primary context is reset, and the program's memory and streams there are lost with it.
 */
public final class CudaInterop {
  private CudaInterop() {}

  /**
   * A program's memory as a tensor of the current scope. The memory stays the program's: closing
   * the tensor does not free it, and {@link Device#memory} does not count it.
   *
   * @param device a CUDA device
   * @param pointer to the first element, in memory that {@code cuMemAlloc} or CUDA's runtime gave;
   *     its address must be a multiple of the element's size. With a multiple of 16 bytes kernels
   *     read four elements at a time and products need no copy of their factors
   * @param dtype the element type
   * @param dims the extents; the elements lie densely, the last axis innermost
   * @throws IllegalArgumentException when the device is not a CUDA device, the pointer is not to
   *     memory of its GPU, the allocation ends before the tensor does, or the address is not
   *     aligned
   * @throws DeviceException when the driver fails
   */
  public static Tensor wrap(Device device, CUdeviceptr pointer, DType dtype, int... dims) {
    TensorSpec spec = new TensorSpec(Shape.of(dims), dtype);
    Address address = new Address(pointer);
    CudaBuffer buffer =
        driver(device)
            .with(
                s -> {
                  check(s, address, spec);
                  return new CudaBuffer(s, address, spec.bytes());
                });
    return Tensor.over(device, buffer, dtype, dims);
  }

  private static void check(Session s, Address pointer, TensorSpec spec) {
    String what = "wrap of " + spec + " on " + s.name;
    long address = pointer.value();
    if (address % spec.dtype().bytes() != 0) {
      throw new IllegalArgumentException(
          what
              + ": address "
              + Long.toHexString(address)
              + "h is no multiple of "
              + spec.dtype().bytes());
    }
    s.makeCurrent();
    int[] gpu = new int[1];
    Address begin = new Address();
    long[] bytes = new long[1];
    int result =
        JCudaDriver.cuPointerGetAttribute(
            Pointer.to(gpu), CUpointer_attribute.CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL, pointer);
    if (result == 0 && gpu[0] != s.gpu.ordinal()) {
      throw new IllegalArgumentException(what + ": the memory is on GPU " + gpu[0]);
    }
    if (result == 0) {
      result = JCudaDriver.cuMemGetAddressRange(begin, bytes, pointer);
    }
    if (CudaStatus.lost(result)) {
      s.check("cuMemGetAddressRange", result);
    }
    if (result != 0) {
      throw new IllegalArgumentException(
          what
              + ": "
              + Long.toHexString(address)
              + "h is not device memory: "
              + CudaStatus.text(result));
    }
    long left = begin.value() + bytes[0] - address;
    if (left < spec.bytes()) {
      throw new IllegalArgumentException(
          what
              + ": it takes "
              + spec.bytes()
              + " bytes, and the allocation has "
              + left
              + " from there on");
    }
  }

  /**
   * The memory of a tensor: its first element, the others dense behind it, the last axis innermost.
   *
   * @throws IllegalStateException when the tensor was closed
   * @throws IllegalArgumentException when it is not on a CUDA device
   * @throws dev.tilework.kernels.DeviceLostException when it was lost with its GPU
   */
  public static CUdeviceptr pointer(Tensor tensor) {
    CudaBuffer buffer = buffer(tensor);
    buffer.session.requireAlive();
    return buffer.address.withByteOffset(tensor.operand().offset());
  }

  /**
   * Tells the library that the program wrote to a tensor's memory (or enqueued that in the device's
   * stream), so that what was derived from the old content is made anew, and gradients that needed
   * it are refused.
   *
   * @throws IllegalStateException when the tensor was closed
   * @throws IllegalArgumentException when it is not on a CUDA device
   */
  public static void written(Tensor tensor) {
    buffer(tensor).written();
  }

  /**
   * The stream in which a device enqueues its work; it stays the device's, and another takes its
   * place after the GPU was lost. Makes the GPU's primary context current in the thread.
   *
   * @throws IllegalArgumentException when the device is not a CUDA device
   */
  public static CUstream stream(Device device) {
    return driver(device)
        .with(
            s -> {
              s.makeCurrent();
              return s.stream();
            });
  }

  /**
   * A device that enqueues its work in a program's stream. Each has memory and kernels of its own
   * besides those of {@code cuda:N}, so make few. Its tensors are its own too: {@code to} copies
   * them to another device, by way of the host.
   *
   * @param gpu the GPU's number, as in {@code cuda:0}
   * @param stream a stream of the GPU's primary context, which must live until the result is
   *     closed; {@code new CUstream()} is CUDA's default stream
   * @throws IllegalArgumentException when there is no such GPU, or the stream is not of its primary
   *     context
   * @throws DeviceException when the driver fails
   */
  public static StreamDevice inStream(int gpu, CUstream stream) {
    Objects.requireNonNull(stream, "stream");
    CudaProvider provider = new CudaProvider();
    CudaDriver found =
        provider.discover().drivers().stream()
            .map(CudaDriver.class::cast)
            .filter(d -> d.gpu().ordinal() == gpu)
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "there is no device cuda:"
                            + gpu
                            + ": "
                            + provider.discover().explanation()));
    checkStream(found.gpu(), stream);
    return new StreamDevice(found.inStream(stream));
  }

  private static void checkStream(GpuInfo gpu, CUstream stream) {
    PrimaryContext primary = PrimaryContext.retain(gpu);
    try {
      primary.makeCurrent();
      CUcontext of = new CUcontext();
      int result = JCudaDriver.cuStreamGetCtx(stream, of);
      if (result != 0 || !of.equals(primary.handle())) {
        throw new IllegalArgumentException(
            "the stream is not of the primary context of cuda:"
                + gpu.ordinal()
                + (result == 0 ? "" : ": " + CudaStatus.text(result)));
      }
    } finally {
      primary.release();
    }
  }

  private static CudaDriver driver(Device device) {
    if (device.driver() instanceof CudaDriver d) {
      return d;
    }
    throw new IllegalArgumentException(device.name() + " is not a CUDA device");
  }

  private static CudaBuffer buffer(Tensor tensor) {
    if (tensor.operand().buffer() instanceof CudaBuffer b) {
      return b;
    }
    throw new IllegalArgumentException(tensor.summary() + " is not on a CUDA device");
  }
}
