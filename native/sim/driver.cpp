// The CUDA driver API over the simulator: the functions that Tilework calls, under the names that libcuda.so.1 exports. Linked with
// that name, this is the driver as far as JCuda can tell. A module's image is a shared object made from the kernels by g++.
//
// One lock stands around every call, so threads may call as they like; the current context is each thread's own.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <iterator>
#include <map>
#include <mutex>
#include <string>
#include <sys/mman.h>
#include <unistd.h>

#include "device_memory.h"
#include "launch.h"
#include "scheduler.h"
#include "shared_memory.h"
#include "streams.h"

namespace {

using namespace sim;

enum Result {
  SUCCESS = 0,
  INVALID_VALUE = 1,
  OUT_OF_MEMORY = 2,
  NOT_INITIALIZED = 3,
  INVALID_DEVICE = 101,
  INVALID_IMAGE = 200,
  INVALID_CONTEXT = 201,
  INVALID_HANDLE = 400,
  NOT_FOUND = 500,
  NOT_READY = 600,
  LAUNCH_OUT_OF_RESOURCES = 701,
  LAUNCH_FAILED = 719,
};

constexpr size_t STATIC_SHARED = 48 << 10, MOST_SHARED = 163 << 10;
constexpr int DRIVER_VERSION = 12060;

std::recursive_mutex lock;
bool initialized;
int devices = 1;
thread_local int context;  // the current device + 1, or 0
std::map<int, Stream *> defaultStreams;
// By the device that each belongs to.
std::map<Stream *, int> streams;
std::map<Event *, int> events;
std::map<void *, int> modules;
struct Pinned { size_t bytes; int device; };
std::map<char *, Pinned> pinned;
std::map<const Kernel *, int> sharedLimits;
long failCallIn;  // the failure is injected when this has been counted down to 0
int injected;

// What every call begins with: the lock, and a failure where one was asked for.
struct Entry {
  std::lock_guard<std::recursive_mutex> guard{lock};
  int result = SUCCESS;
  explicit Entry(bool needsContext = true) {
    if (failCallIn > 0 && --failCallIn == 0) {
      result = injected;
    } else if (!initialized) {
      result = NOT_INITIALIZED;
    } else if (needsContext) {
      result = context == 0 ? INVALID_CONTEXT : failureOf(context - 1);
    }
  }
};
#define ENTER(...)             \
  Entry entry{__VA_ARGS__};    \
  if (entry.result) return entry.result

int device() { return context - 1; }

Stream &streamOf(void *s) {
  if (s) return *static_cast<Stream *>(s);
  Stream *&stream = defaultStreams[device()];
  if (!stream) stream = new Stream(device());
  return *stream;
}

void drainDevice(int d) {
  if (defaultStreams.count(d)) drain(*defaultStreams[d]);
  for (auto &[s, of] : streams) {
    if (of == d) drain(*s);
  }
}

// The default stream waits for all others and they for it.
Stream &begin(void *s) {
  if (!s) drainDevice(device());
  return streamOf(s);
}
void end(void *s) {
  if (!s) drain(streamOf(s));
}

bool isPinned(const void *p) {
  auto it = pinned.upper_bound(static_cast<char *>(const_cast<void *>(p)));
  return it != pinned.begin() && (--it, static_cast<const char *>(p) < it->first + it->second.bytes);
}

int copyToDevice(uint64_t to, const void *from, size_t n) {
  if (!inBuffer(deviceOf(to), to, n)) {
    noteFailure("copy to the device: " + std::to_string(n) + " bytes do not lie in a device buffer; " + nearestBuffer(reinterpret_cast<void *>(to)));
    return INVALID_VALUE;
  }
  memcpy(reinterpret_cast<void *>(to), from, n);
  return SUCCESS;
}

int copyFromDevice(void *to, uint64_t from, size_t n) {
  if (!inBuffer(deviceOf(from), from, n)) {
    noteFailure("copy from the device: " + std::to_string(n) + " bytes do not lie in a device buffer; " + nearestBuffer(reinterpret_cast<void *>(from)));
    return INVALID_VALUE;
  }
  memcpy(to, reinterpret_cast<void *>(from), n);
  return SUCCESS;
}

int copyWithin(uint64_t to, uint64_t from, size_t n) {
  if (!inBuffer(deviceOf(to), to, n) || !inBuffer(deviceOf(from), from, n)) {
    noteFailure("copy within the device: " + std::to_string(n) + " bytes do not lie in device buffers");
    return INVALID_VALUE;
  }
  memmove(reinterpret_cast<void *>(to), reinterpret_cast<void *>(from), n);
  return SUCCESS;
}

template <class T> int set(uint64_t to, T value, size_t n) {
  if (!inBuffer(deviceOf(to), to, n * sizeof(T))) return INVALID_VALUE;
  for (size_t i = 0; i < n; i++) reinterpret_cast<T *>(to)[i] = value;
  return SUCCESS;
}

int attribute(int which) {
  switch (which) {
    case 1: return 1024;                  // threads a block
    case 2: case 3: return 1024;          // along x and y
    case 4: return 64;                    // along z
    case 5: return 0x7fffffff;            // blocks along x
    case 6: case 7: return 65535;         // along y and z
    case 8: return int(STATIC_SHARED);    // shared memory a block, unless more is asked for
    case 10: return 32;                   // lanes of a warp
    case 12: case 82: return 65536;       // registers
    case 13: return 1000000;              // kHz
    case 16: return 4;                    // multiprocessors
    case 36: return 1000000;              // memory's kHz
    case 37: return 64;                   // its bits
    case 38: return 4 << 20;              // second-level cache
    case 39: return 2048;                 // threads a multiprocessor
    case 41: return 1;                    // one address space
    case 75: return 8;                    // compute capability 8.0
    case 76: return 0;
    case 81: return 164 << 10;            // shared memory of a multiprocessor
    case 97: return int(MOST_SHARED);     // shared memory a block at most
    case 115: return 1;                   // stream-ordered allocation
    default: return 0;
  }
}

// Deletes what belongs to a device.
template <class T> void takeAway(std::map<T *, int> &all, int d) {
  for (auto it = all.begin(); it != all.end();) {
    it = it->second == d ? (delete it->first, all.erase(it)) : std::next(it);
  }
}

// A shared object has no length in its header, but its section table comes last in what the linker writes.
size_t sizeOfObject(const unsigned char *image) {
  uint64_t table;
  uint16_t entry, entries;
  memcpy(&table, image + 40, 8);
  memcpy(&entry, image + 58, 2);
  memcpy(&entries, image + 60, 2);
  return table + size_t(entry) * entries;
}

}  // namespace

extern "C" {

int cuInit(unsigned) {
  std::lock_guard<std::recursive_mutex> guard(lock);
  if (failCallIn > 0 && --failCallIn == 0) return injected;
  initialized = true;
  if (const char *n = getenv("SIM_DEVICES")) devices = atoi(n);
  if (const char *s = getenv("SIM_SCHEDULE")) schedule = unsigned(atoi(s));
  return devices > 0 ? SUCCESS : 100;
}
int cuDriverGetVersion(int *version) {
  *version = DRIVER_VERSION;
  return SUCCESS;
}
int cuDeviceGetCount(int *count) {
  ENTER(false);
  *count = devices;
  return SUCCESS;
}
int cuDeviceGet(int *d, int ordinal) {
  ENTER(false);
  if (ordinal < 0 || ordinal >= devices) return INVALID_DEVICE;
  *d = ordinal;
  return SUCCESS;
}
int cuDeviceGetName(char *name, int length, int) {
  ENTER(false);
  snprintf(name, size_t(length), "stand-in for a GPU, on the CPU");
  return SUCCESS;
}
int cuDeviceTotalMem_v2(size_t *bytes, int d) {
  ENTER(false);
  *bytes = memoryOf(d);
  return SUCCESS;
}
int cuDeviceGetAttribute(int *value, int which, int) {
  ENTER(false);
  *value = attribute(which);
  return SUCCESS;
}

int cuDevicePrimaryCtxRetain(void **c, int d) {
  ENTER(false);
  if (d < 0 || d >= devices) return INVALID_DEVICE;
  *c = reinterpret_cast<void *>(uintptr_t(d + 1));
  return SUCCESS;
}
int cuDevicePrimaryCtxRelease_v2(int) {
  ENTER(false);
  return SUCCESS;
}
// Frees all that is on the device; the way back after a failed launch.
int cuDevicePrimaryCtxReset_v2(int d) {
  ENTER(false);
  forgetFailure(d);
  releaseAll(d);
  defaultStreams.erase(d);
  takeAway(streams, d);
  takeAway(events, d);
  for (auto it = modules.begin(); it != modules.end();) {
    it = it->second == d ? (dlclose(it->first), modules.erase(it)) : std::next(it);
  }
  for (auto it = pinned.begin(); it != pinned.end();) {
    it = it->second.device == d ? (free(it->first), pinned.erase(it)) : std::next(it);
  }
  return SUCCESS;
}
int cuCtxSetCurrent(void *c) {
  ENTER(false);
  context = int(reinterpret_cast<uintptr_t>(c));
  return SUCCESS;
}
int cuCtxGetCurrent(void **c) {
  ENTER(false);
  *c = reinterpret_cast<void *>(uintptr_t(context));
  return SUCCESS;
}
int cuCtxSynchronize() {
  ENTER();
  drainDevice(device());
  return failureOf(device());
}

int cuModuleLoadData(void **m, const void *image) {
  ENTER();
  auto *bytes = static_cast<const unsigned char *>(image);
  if (memcmp(bytes, "\177ELF", 4) != 0) return INVALID_IMAGE;
  int file = memfd_create("module", 0);
  size_t n = sizeOfObject(bytes), at = 0;
  while (at < n) {
    ssize_t written = write(file, bytes + at, n - at);
    if (written <= 0) return INVALID_IMAGE;
    at += size_t(written);
  }
  char path[40];
  snprintf(path, sizeof path, "/proc/self/fd/%d", file);
  *m = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!*m) {
    noteFailure(dlerror());
    return INVALID_IMAGE;
  }
  modules[*m] = device();
  return SUCCESS;
}
int cuModuleLoadDataEx(void **m, const void *image, unsigned, int *, void **) { return cuModuleLoadData(m, image); }
int cuModuleUnload(void *m) {
  ENTER();
  if (!modules.erase(m)) return INVALID_HANDLE;
  drainDevice(device());
  dlclose(m);
  return SUCCESS;
}
int cuModuleGetFunction(void **f, void *m, const char *name) {
  ENTER();
  *f = dlsym(m, (std::string("sim_kernel_") + name).c_str());
  return *f ? SUCCESS : NOT_FOUND;
}
int cuFuncGetAttribute(int *value, int which, void *f) {
  ENTER();
  auto *k = static_cast<const Kernel *>(f);
  switch (which) {
    case 0: *value = k->maxThreads; return SUCCESS;
    case 8: *value = sharedLimits.count(k) ? sharedLimits[k] : int(STATIC_SHARED); return SUCCESS;
    default: *value = 0; return SUCCESS;
  }
}
int cuFuncSetAttribute(void *f, int which, int value) {
  ENTER();
  if (which != 8) return SUCCESS;
  if (value < 0 || size_t(value) > MOST_SHARED) return INVALID_VALUE;
  sharedLimits[static_cast<const Kernel *>(f)] = value;
  return SUCCESS;
}
int cuOccupancyMaxActiveBlocksPerMultiprocessor(int *blocks, void *f, int threads, size_t) {
  ENTER();
  *blocks = threads > static_cast<const Kernel *>(f)->maxThreads ? 0 : 2048 / std::max(threads, 1);
  return SUCCESS;
}

int cuMemAlloc_v2(uint64_t *p, size_t bytes) {
  ENTER();
  if (bytes == 0) return INVALID_VALUE;
  *p = allocate(device(), bytes);
  return *p ? SUCCESS : OUT_OF_MEMORY;
}
int cuMemFree_v2(uint64_t p) {
  ENTER();
  drainDevice(device());
  return release(p) ? SUCCESS : INVALID_VALUE;
}
int cuMemGetAddressRange_v2(uint64_t *begin, size_t *bytes, uint64_t p) {
  ENTER();
  uint64_t at;
  size_t n;
  if (!bufferAround(p, at, n)) return NOT_FOUND;
  if (begin) *begin = at;
  if (bytes) *bytes = n;
  return SUCCESS;
}
// Of all that a driver knows of a pointer, the device.
int cuPointerGetAttribute(void *value, int which, uint64_t p) {
  ENTER();
  constexpr int DEVICE_ORDINAL = 9;
  if (which != DEVICE_ORDINAL || deviceOf(p) < 0) return INVALID_VALUE;
  *static_cast<int *>(value) = deviceOf(p);
  return SUCCESS;
}
int cuMemAllocAsync(uint64_t *p, size_t bytes, void *) { return cuMemAlloc_v2(p, bytes); }
int cuMemFreeAsync(uint64_t p, void *s) {
  ENTER();
  if (deviceOf(p) < 0) return INVALID_VALUE;
  enqueue(begin(s), [p] { return release(p) ? SUCCESS : INVALID_VALUE; });
  end(s);
  return SUCCESS;
}
int cuDeviceGetDefaultMemPool(void **pool, int d) {
  ENTER(false);
  *pool = reinterpret_cast<void *>(uintptr_t(d + 1));
  return SUCCESS;
}
int cuMemPoolSetAttribute(void *, int, void *) {
  ENTER(false);
  return SUCCESS;
}
int cuMemPoolTrimTo(void *, size_t) {
  ENTER(false);
  return SUCCESS;
}
int cuMemGetInfo_v2(size_t *free, size_t *total) {
  ENTER();
  *total = memoryOf(device());
  *free = *total - bytesInUse(device());
  return SUCCESS;
}
int cuMemHostAlloc(void **p, size_t bytes, unsigned) {
  ENTER();
  *p = aligned_alloc(4096, (bytes + 4095) / 4096 * 4096);
  if (!*p) return OUT_OF_MEMORY;
  pinned[static_cast<char *>(*p)] = {bytes, device()};
  return SUCCESS;
}
int cuMemAllocHost_v2(void **p, size_t bytes) { return cuMemHostAlloc(p, bytes, 0); }
int cuMemFreeHost(void *p) {
  ENTER();
  if (!pinned.erase(static_cast<char *>(p))) return INVALID_VALUE;
  free(p);
  return SUCCESS;
}

int cuMemcpyHtoDAsync_v2(uint64_t to, const void *from, size_t n, void *s) {
  ENTER();
  Stream &stream = begin(s);
  if (isPinned(from)) {
    enqueue(stream, [=] { return copyToDevice(to, from, n); });
  } else {
    // From pageable memory the driver takes its own copy before it returns.
    std::string copy(static_cast<const char *>(from), n);
    enqueue(stream, [to, copy] { return copyToDevice(to, copy.data(), copy.size()); });
  }
  end(s);
  return failureOf(device());
}
int cuMemcpyDtoHAsync_v2(void *to, uint64_t from, size_t n, void *s) {
  ENTER();
  Stream &stream = begin(s);
  enqueue(stream, [=] { return copyFromDevice(to, from, n); });
  if (!isPinned(to)) drain(stream);
  end(s);
  return failureOf(device());
}
int cuMemcpyDtoDAsync_v2(uint64_t to, uint64_t from, size_t n, void *s) {
  ENTER();
  enqueue(begin(s), [=] { return copyWithin(to, from, n); });
  end(s);
  return failureOf(device());
}
int cuMemcpyHtoD_v2(uint64_t to, const void *from, size_t n) {
  ENTER();
  drainDevice(device());
  return copyToDevice(to, from, n);
}
int cuMemcpyDtoH_v2(void *to, uint64_t from, size_t n) {
  ENTER();
  drainDevice(device());
  if (int failed = failureOf(device())) return failed;
  return copyFromDevice(to, from, n);
}
int cuMemcpyDtoD_v2(uint64_t to, uint64_t from, size_t n) {
  ENTER();
  drainDevice(device());
  return copyWithin(to, from, n);
}
int cuMemsetD8Async(uint64_t to, unsigned char value, size_t n, void *s) {
  ENTER();
  enqueue(begin(s), [=] { return set(to, value, n); });
  end(s);
  return SUCCESS;
}
int cuMemsetD32Async(uint64_t to, unsigned value, size_t n, void *s) {
  ENTER();
  enqueue(begin(s), [=] { return set(to, value, n); });
  end(s);
  return SUCCESS;
}

int cuStreamCreate(void **s, unsigned) {
  ENTER();
  auto *stream = new Stream(device());
  streams[stream] = device();
  *s = stream;
  return SUCCESS;
}
int cuStreamDestroy_v2(void *s) {
  ENTER(false);
  auto *stream = static_cast<Stream *>(s);
  if (!streams.erase(stream)) return INVALID_HANDLE;
  drain(*stream);
  delete stream;
  return SUCCESS;
}
int cuStreamGetCtx(void *s, void **c) {
  ENTER();
  auto it = streams.find(static_cast<Stream *>(s));
  if (s && it == streams.end()) return INVALID_HANDLE;
  *c = reinterpret_cast<void *>(uintptr_t(s ? it->second + 1 : context));
  return SUCCESS;
}
int cuStreamSynchronize(void *s) {
  ENTER();
  drain(begin(s));
  return failureOf(device());
}
int cuStreamQuery(void *s) {
  ENTER();
  return streamOf(s).work.empty() ? SUCCESS : NOT_READY;
}
int cuStreamWaitEvent(void *s, void *e, unsigned) {
  ENTER();
  waitFor(begin(s), *static_cast<Event *>(e));
  return SUCCESS;
}
int cuEventCreate(void **e, unsigned) {
  ENTER();
  auto *event = new Event;
  events[event] = device();
  *e = event;
  return SUCCESS;
}
int cuEventDestroy_v2(void *e) {
  ENTER(false);
  auto *event = static_cast<Event *>(e);
  if (!events.erase(event)) return INVALID_HANDLE;
  delete event;
  return SUCCESS;
}
int cuEventRecord(void *e, void *s) {
  ENTER();
  record(*static_cast<Event *>(e), begin(s));
  return SUCCESS;
}
int cuEventQuery(void *e) {
  ENTER();
  auto &recording = static_cast<Event *>(e)->recording;
  return !recording || recording->done ? SUCCESS : NOT_READY;
}
int cuEventSynchronize(void *e) {
  ENTER();
  if (auto recording = static_cast<Event *>(e)->recording) drain(recording);
  return failureOf(device());
}
int cuEventElapsedTime(float *milliseconds, void *from, void *to) {
  ENTER();
  auto a = static_cast<Event *>(from)->recording, b = static_cast<Event *>(to)->recording;
  if (!a || !b) return INVALID_HANDLE;
  if (!a->done || !b->done) return NOT_READY;
  *milliseconds = float((b->seconds - a->seconds) * 1e3);
  return SUCCESS;
}

int cuLaunchKernel(void *f, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned shared, void *s, void **parameters, void **) {
  ENTER();
  auto *kernel = static_cast<const Kernel *>(f);
  size_t threads = size_t(bx) * by * bz;
  size_t limit = sharedLimits.count(kernel) ? size_t(sharedLimits[kernel]) : STATIC_SHARED;
  bool fits = threads > 0 && bx <= 1024 && by <= 1024 && bz <= 64 && threads <= 1024 && gx > 0 && gy > 0 && gz > 0 && gx <= 0x7fffffff && gy <= 65535 &&
              gz <= 65535 && shared <= limit;
  if (!fits) return INVALID_VALUE;
  if (threads > size_t(kernel->maxThreads)) return LAUNCH_OUT_OF_RESOURCES;
  auto values = std::make_shared<Parameters>(*kernel, parameters);
  int d = device();
  // A kernel that declares its shared memory may use the rest of what a block has; dynamic memory beyond it was checked above.
  size_t most = std::max(limit, STATIC_SHARED);
  enqueue(begin(s), [=] {
    if (failureOf(d)) return int(SUCCESS);
    return sim::launch(*kernel, d, {gx, gy, gz}, {bx, by, bz}, shared, most, *values) ? int(SUCCESS) : int(LAUNCH_FAILED);
  });
  end(s);
  return SUCCESS;
}

int cuGetErrorName(int result, const char **name) {
  switch (result) {
    case SUCCESS: *name = "CUDA_SUCCESS"; break;
    case INVALID_VALUE: *name = "CUDA_ERROR_INVALID_VALUE"; break;
    case OUT_OF_MEMORY: *name = "CUDA_ERROR_OUT_OF_MEMORY"; break;
    case INVALID_CONTEXT: *name = "CUDA_ERROR_INVALID_CONTEXT"; break;
    case LAUNCH_OUT_OF_RESOURCES: *name = "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES"; break;
    case LAUNCH_FAILED: *name = "CUDA_ERROR_LAUNCH_FAILED"; break;
    default: *name = "another error"; break;
  }
  return SUCCESS;
}
// For a failed kernel: the place in its source, and what was wrong there.
int cuGetErrorString(int result, const char **text) {
  static std::string held;
  std::lock_guard<std::recursive_mutex> guard(lock);
  held = result == SUCCESS ? "no error" : result == LAUNCH_FAILED || result == INVALID_IMAGE || result == INVALID_VALUE ? lastFailure() : "";
  *text = held.c_str();
  return SUCCESS;
}

// ---- what only tests call

void simSchedule(unsigned s) { schedule = s; }
void simMemory(size_t bytes) { limitMemory(bytes); }
// The n-th call from now on returns the result, and no other.
void simFailCall(long n, int result) {
  std::lock_guard<std::recursive_mutex> guard(lock);
  failCallIn = n;
  injected = result;
}
// How many buffers, streams, events, modules and pinned allocations there are.
long simLive(int what) {
  std::lock_guard<std::recursive_mutex> guard(lock);
  switch (what) {
    case 0: return long(buffersInUse());
    case 1: return long(streams.size());
    case 2: return long(events.size());
    case 3: return long(modules.size());
    default: return long(pinned.size());
  }
}
uint64_t simLdmatrixPhases() { return ldmatrixPhases; }
uint64_t simLdmatrixAccesses() { return ldmatrixAccesses; }
int simWatchesAccesses() { return sharedIsWatched(); }
}
