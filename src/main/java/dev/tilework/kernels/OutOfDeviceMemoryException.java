package dev.tilework.kernels;

/** A device could not provide memory; nothing that was allocated before is lost. */
public final class OutOfDeviceMemoryException extends DeviceException {
  private static final long serialVersionUID = 1L;

  /** With a message that names the device, the bytes asked for and the bytes in use. */
  public OutOfDeviceMemoryException(String message) {
    super(message);
  }

  /** With a message that also names the operation that asked. */
  public OutOfDeviceMemoryException(String message, Throwable cause) {
    super(message, cause);
  }

  @Override
  public OutOfDeviceMemoryException during(String what) {
    return new OutOfDeviceMemoryException(what + ": " + getMessage(), this);
  }
}
