// A launch of a kernel: its grid, its blocks one after another.
#pragma once
#include <vector>

#include "device.h"

namespace sim {

// The kernel's parameters as they were when it was launched: the caller may change its own afterwards.
class Parameters {
 public:
  Parameters(const Kernel &kernel, void **values);
  void **pointers() { return at.data(); }

 private:
  std::vector<uint4> bytes;
  std::vector<void *> at;
};

// Runs all blocks. False, with the failure noted, when one of them failed.
bool launch(const Kernel &kernel, int device, dim3 grid, dim3 block, size_t dynamicShared, size_t sharedLimit, Parameters &parameters);

}  // namespace sim
