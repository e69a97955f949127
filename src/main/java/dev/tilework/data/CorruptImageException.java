package dev.tilework.data;

/** An image that cannot be decoded. A {@link DataLoader} leaves it out and goes on. */
public final class CorruptImageException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final String image;
  private final String reason;

  /**
   * Names the image and says what is wrong with it.
   *
   * @param image the file or another name
   * @param reason what is wrong
   * @param cause what the decoder threw, or null
   */
  public CorruptImageException(String image, String reason, Throwable cause) {
    super(image + ": " + reason, cause);
    this.image = image;
    this.reason = reason;
  }

  /** The file or another name of the image. */
  public String image() {
    return image;
  }

  /** What is wrong with it. */
  public String reason() {
    return reason;
  }
}
