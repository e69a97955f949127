package dev.tilework.nn;

/** What {@link Module#fuse} makes: it has values but no parameters, and never trains. */
abstract class InferenceModule extends Module {
  @Override
  final boolean isTrainable() {
    return false;
  }

  @Override
  protected Module inferenceCopy() {
    throw new IllegalStateException(
        "fuse: " + this + " was made by fuse() already; fuse the network it was made of");
  }
}
