package dev.tilework.kernels;

/**
 * A device stopped working, as when its driver was reset, and with it went the content of all
 * tensors on it. New tensors can be made on it if it comes back; the old ones can only be closed.
 */
public final class DeviceLostException extends DeviceException {
  private static final long serialVersionUID = 1L;

  /** With a message that names the operation, the device and the cause. */
  public DeviceLostException(String message) {
    super(message);
  }

  /** With a message that names the operation and the device, and the cause. */
  public DeviceLostException(String message, Throwable cause) {
    super(message, cause);
  }

  @Override
  public DeviceLostException during(String what) {
    return new DeviceLostException(what + ": " + getMessage(), this);
  }
}
