package dev.tilework.cuda;

/**
 * A product of row-major matrices in the numbers of cuBLAS, whose matrices are column-major. A
 * row-major matrix is its own transpose there, so {@code y = A B} is asked for as {@code y' = B'
 * A'}, with the factors exchanged.
 *
 * @param transposeFirst whether the first factor, b, is to be transposed
 * @param transposeSecond whether the second, a, is
 * @param m rows of the result as cuBLAS sees it
 * @param n columns of it
 * @param k terms of each sum
 * @param pitchFirst elements from a column of the first factor to the next
 * @param pitchSecond of the second
 * @param pitchResult of the result
 */
record CublasCall(
    boolean transposeFirst,
    boolean transposeSecond,
    int m,
    int n,
    int k,
    int pitchFirst,
    int pitchSecond,
    int pitchResult) {

  /**
   * The call for {@code y (m, n) = A (m, k) B (k, n)}.
   *
   * @param transposeA whether a lies in memory as (k, m)
   * @param transposeB whether b lies in memory as (n, k)
   */
  static CublasCall of(boolean transposeA, boolean transposeB, int m, int n, int k) {
    return new CublasCall(
        transposeB, transposeA, n, m, k, transposeB ? k : n, transposeA ? m : k, n);
  }
}
