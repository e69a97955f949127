#include "device_memory.h"

#include <cstdlib>
#include <cstring>
#include <map>

#include "scheduler.h"

namespace sim {

namespace {

constexpr size_t FENCE_BYTES = 256;
constexpr unsigned char FENCE = 0xf2, NAN_IN_EVERY_FORMAT = 0xff;

struct Buffer { size_t bytes; int device; };
std::map<uint64_t, Buffer> buffers;
std::map<int, size_t> inUse;
size_t capacity = size_t(8) << 30;
int running;

// The buffer that was found last: most accesses go where the one before went.
uint64_t recentBegin, recentEnd;
int recentDevice;

std::map<uint64_t, Buffer>::const_iterator below(uint64_t p) {
  auto it = buffers.upper_bound(p);
  return it == buffers.begin() ? buffers.end() : --it;
}

}  // namespace

uint64_t allocate(int device, size_t bytes) {
  if (inUse[device] + bytes > capacity) return 0;
  void *p;
  if (posix_memalign(&p, 256, bytes + 2 * FENCE_BYTES)) return 0;
  memset(p, FENCE, FENCE_BYTES);
  memset(static_cast<char *>(p) + FENCE_BYTES, NAN_IN_EVERY_FORMAT, bytes);
  memset(static_cast<char *>(p) + FENCE_BYTES + bytes, FENCE, FENCE_BYTES);
  uint64_t at = reinterpret_cast<uint64_t>(p) + FENCE_BYTES;
  buffers[at] = {bytes, device};
  inUse[device] += bytes;
  return at;
}

bool release(uint64_t p) {
  auto it = buffers.find(p);
  if (it == buffers.end()) return false;
  inUse[it->second.device] -= it->second.bytes;
  buffers.erase(it);
  recentBegin = recentEnd = 0;
  free(reinterpret_cast<void *>(p - FENCE_BYTES));
  return true;
}

void releaseAll(int device) {
  for (auto it = buffers.begin(); it != buffers.end();) {
    uint64_t p = it->first;
    bool on = it->second.device == device;
    ++it;
    if (on) release(p);
  }
}

int deviceOf(uint64_t p) {
  auto it = below(p);
  return it != buffers.end() && p < it->first + it->second.bytes ? it->second.device : -1;
}

bool bufferAround(uint64_t p, uint64_t &begin, size_t &bytes) {
  if (deviceOf(p) < 0) return false;
  auto it = below(p);
  begin = it->first;
  bytes = it->second.bytes;
  return true;
}

bool inBuffer(int device, uint64_t p, size_t bytes) {
  if (device == recentDevice && p >= recentBegin && p + bytes <= recentEnd) return true;
  auto it = below(p);
  if (it == buffers.end() || p + bytes > it->first + it->second.bytes || it->second.device != device) return false;
  recentBegin = it->first;
  recentEnd = it->first + it->second.bytes;
  recentDevice = device;
  return true;
}

void runningOn(int device) { running = device; }

bool inDeviceBuffer(const void *p, size_t bytes) { return inBuffer(running, reinterpret_cast<uint64_t>(p), bytes); }

std::string nearestBuffer(const void *p) {
  auto it = below(reinterpret_cast<uint64_t>(p));
  if (it == buffers.end()) return "none is below";
  return "the nearest below has " + std::to_string(it->second.bytes) + " bytes on device " + std::to_string(it->second.device) + ", this is byte " +
         std::to_string(reinterpret_cast<uint64_t>(p) - it->first);
}

bool bufferFencesHold(const Kernel &kernel) {
  for (auto &[p, b] : buffers) {
    auto *before = reinterpret_cast<unsigned char *>(p) - FENCE_BYTES, *behind = reinterpret_cast<unsigned char *>(p) + b.bytes;
    for (size_t i = 0; i < FENCE_BYTES; i++) {
      if (before[i] != FENCE || behind[i] != FENCE) {
        noteFailure("memory beside a device buffer of " + std::to_string(b.bytes) + " bytes was written by kernel " + kernel.name);
        memset(before, FENCE, FENCE_BYTES);
        memset(behind, FENCE, FENCE_BYTES);
        return false;
      }
    }
  }
  return true;
}

size_t bytesInUse(int device) { return inUse[device]; }
size_t buffersInUse() { return buffers.size(); }
size_t memoryOf(int) { return capacity; }
void limitMemory(size_t bytes) { capacity = bytes; }

}  // namespace sim
