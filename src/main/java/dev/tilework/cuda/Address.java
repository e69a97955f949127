package dev.tilework.cuda;

import jcuda.driver.CUdeviceptr;

/** A device pointer that can be read as a number, which JCuda lets only its own classes do. */
final class Address extends CUdeviceptr {
  /** The pointer that a call of JCuda is to fill in. */
  Address() {}

  /** A pointer of the caller's. */
  Address(CUdeviceptr pointer) {
    super(pointer);
  }

  /** The address. */
  long value() {
    return getNativePointer() + getByteOffset();
  }
}
