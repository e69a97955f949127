kernel void affine(INOUT(float, x), INOUT(float, y), const int n, const float scale, const float shift) {
  put(fma((floats)(scale), get(AT(x), n), (floats)(shift)), AT(y), n);
}
