kernel void affine(INOUT(float, x), INOUT(float, y), const int n, const float scale, const float shift) {
  global const float *x = AT(x);
  global float *y = AT(y);
  int i = get_global_id(0);
  if (i < n) {
    y[i] = fma(scale, x[i], shift);
  }
}
