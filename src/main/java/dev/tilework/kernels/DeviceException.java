package dev.tilework.kernels;

/**
 * A device could not do what it was asked to: the message names the operation, its operands, the
 * device and the cause. The operands are as they were, and the device goes on to work unless this
 * is a {@link DeviceLostException}.
 */
public class DeviceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With a message that names the operation and the cause. */
  public DeviceException(String message) {
    super(message);
  }

  /** With a message that names the operation, and the cause. */
  public DeviceException(String message, Throwable cause) {
    super(message, cause);
  }

  /** An exception of the same kind whose message says first what was being done. */
  public DeviceException during(String what) {
    return new DeviceException(what + ": " + getMessage(), this);
  }
}
