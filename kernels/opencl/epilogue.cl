// What a convolution or a matrix product does to its results while they are in registers: adds the bias
// of each column and a residual laid out as the result, then applies an activation.
//
// A kernel takes EPILOGUE among its parameters (the host passes an Epilogue there) and makes
//
//   Epilogue e = EPILOGUE_OF_ARGUMENTS;
//
// The activation's kind is the same for all work-items, so the choice costs next to nothing beside the sums
// that stand before it.

typedef struct {
  global const float *bias;      // or 0
  global const float *residual;  // or 0
  int kind;                      // for `activate`
  float alpha;
} Epilogue;

#define HAS_BIAS 1
#define HAS_RESIDUAL 2
#define EPILOGUE                                                                                      \
  IN(float, bias), IN(float, residual), const int epilogue_has, const int activation_kind,           \
      const float activation_alpha
#define EPILOGUE_OF_ARGUMENTS                                                                         \
  {                                                                                                   \
    epilogue_has & HAS_BIAS ? AT(bias) : 0, epilogue_has & HAS_RESIDUAL ? AT(residual) : 0,           \
        activation_kind, activation_alpha                                                             \
  }
