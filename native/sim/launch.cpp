#include "launch.h"

#include <cstring>

#include "device_memory.h"
#include "scheduler.h"
#include "shared_memory.h"

namespace sim {

Parameters::Parameters(const Kernel &kernel, void **values) {
  size_t slots = 0;
  for (int i = 0; i < kernel.parameters; i++) slots += (kernel.sizes[i] + 15) / 16;
  bytes.resize(slots + 1);
  size_t slot = 0;
  for (int i = 0; i < kernel.parameters; i++) {
    memcpy(static_cast<void *>(&bytes[slot]), values[i], kernel.sizes[i]);
    at.push_back(&bytes[slot]);
    slot += (kernel.sizes[i] + 15) / 16;
  }
  at.push_back(nullptr);
}

bool launch(const Kernel &kernel, int device, dim3 grid, dim3 block, size_t dynamicShared, size_t sharedLimit, Parameters &parameters) {
  blockDim = block;
  gridDim = grid;
  runningOn(device);
  size_t blocks = size_t(grid.x) * grid.y * grid.z;
  for (size_t i = 0; i < blocks; i++) {
    size_t j = schedule == 1 ? blocks - 1 - i : i;  // nor may the order of blocks matter
    beginShared(dynamicShared, sharedLimit);
    uint3 index = {unsigned(j % grid.x), unsigned(j / grid.x % grid.y), unsigned(j / (size_t(grid.x) * grid.y))};
    if (!runBlock(kernel, parameters.pointers(), block, index) || !sharedFencesHold(kernel)) return false;
  }
  return bufferFencesHold(kernel);
}

}  // namespace sim
