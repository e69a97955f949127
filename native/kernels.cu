// All kernels, as one module.
#include "conv.cu"
#include "matmul.cu"
