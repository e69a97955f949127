// Steps of optimizers on a parameter and its state, in place; OptimizerOp.java has the formulas.
//
// Grid: ELEMENT_VECTOR elements a work-item, see common.cl. Memory bounds them: three to seven numbers
// an element are read and written, for some ten operations.

static inline floats times_plus(float a, floats x, floats y) {
  return fma((floats)(a), x, y);
}

kernel void sgd(INOUT(float, w), IN(float, gradient), const int n, const float rate, const float decay) {
  floats vw = get(AT(w), n);
  floats g = times_plus(decay, vw, get(AT(gradient), n));
  put(times_plus(-rate, g, vw), AT(w), n);
}

kernel void sgd_momentum(INOUT(float, w), INOUT(float, v), IN(float, gradient), const int n,
                         const float rate, const float decay, const float momentum,
                         const int nesterov) {
  floats vw = get(AT(w), n);
  floats g = times_plus(decay, vw, get(AT(gradient), n));
  floats vv = times_plus(momentum, get(AT(v), n), g);
  put(vv, AT(v), n);
  floats step = nesterov ? times_plus(momentum, vv, g) : vv;
  put(times_plus(-rate, step, vw), AT(w), n);
}

// keep: what a decoupled decay leaves of w; rest1 and rest2: 1 - beta; rate: over 1 - beta1^step;
// unbias: 1 / (1 - beta2^step).
kernel void adam(INOUT(float, w), INOUT(float, m), INOUT(float, v), IN(float, gradient), const int n,
                 const float rate, const float decay, const float keep, const float beta1,
                 const float rest1, const float beta2, const float rest2, const float unbias,
                 const float eps) {
  floats vw = get(AT(w), n);
  floats g = times_plus(decay, vw, get(AT(gradient), n));
  floats vm = times_plus(beta1, get(AT(m), n), rest1 * g);
  floats vv = times_plus(beta2, get(AT(v), n), rest2 * g * g);
  put(vm, AT(m), n);
  put(vv, AT(v), n);
  floats step = vm / (sqrt(vv * unbias) + eps);
  put(times_plus(-rate, step, vw * keep), AT(w), n);
}
