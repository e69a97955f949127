package dev.tilework;

/**
 * The arithmetic of convolutions and matrix products on a device. Tensors stay {@link
 * DType#FLOAT32} and sums are kept in float32 in every case; the precision says how the factors are
 * rounded. A device without the hardware for a precision computes in {@link #FP32}.
 */
public enum Precision {
  /** Single precision throughout. */
  FP32,
  /** Factors rounded to 10 explicit bits of significand (NVIDIA tensor cores). */
  TF32,
  /** Factors rounded to bfloat16: 7 explicit bits of significand. */
  BF16,
  /** Factors rounded to half precision: 10 explicit bits, and a narrow range of exponents. */
  FP16
}
