// Buffers on the simulated devices: where each is, what surrounds it, and how much there may be.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

#include "device.h"

namespace sim {

// Memory on a device, filled with NaN, or 0 when the device's memory is used up.
uint64_t allocate(int device, size_t bytes);

// False where there is no such buffer.
bool release(uint64_t p);

// Releases all buffers of a device.
void releaseAll(int device);

// The device a buffer is on, or -1.
int deviceOf(uint64_t p);
// Where the buffer around an address begins and how long it is; false where there is none.
bool bufferAround(uint64_t p, uint64_t &begin, size_t &bytes);
// Whether a range lies in one buffer of the device.
bool inBuffer(int device, uint64_t p, size_t bytes);
// The same for the device on which a kernel runs.
bool inDeviceBuffer(const void *p, size_t bytes);
std::string nearestBuffer(const void *p);

// The device whose kernel runs now.
void runningOn(int device);

// False, with the failure noted, when memory around a buffer was written.
bool bufferFencesHold(const Kernel &kernel);

size_t bytesInUse(int device);
size_t buffersInUse();
size_t memoryOf(int device);
void limitMemory(size_t bytes);

}  // namespace sim
