package dev.tilework.cuda;

import dev.tilework.Device;

/** A device in a program's stream, made by {@link CudaInterop#inStream}. */
public final class StreamDevice implements AutoCloseable {
  private final CudaDriver driver;
  private final Device device;

  StreamDevice(CudaDriver driver) {
    this.driver = driver;
    device = new Device("cuda", driver);
  }

  /** The device; it is not among those that {@link dev.tilework.Devices} lists. */
  public Device device() {
    return device;
  }

  /**
   * Waits for the stream, and gives back the memory and the kernels of the device; the stream stays
   * the program's. Tensors on it cannot be used any more, only closed. A second call does nothing.
   */
  @Override
  public void close() {
    driver.close();
  }
}
