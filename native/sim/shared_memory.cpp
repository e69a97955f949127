#include "shared_memory.h"

#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "checks.h"
#include "scheduler.h"

namespace sim {

uint64_t ldmatrixPhases, ldmatrixAccesses;

namespace {

constexpr size_t FENCE_BYTES = 128;
// Each is NaN as float16, bfloat16 and float32, so that a use of it shows in the result even where accesses are not watched.
constexpr uint16_t NEVER_WRITTEN = 0xfff1, FENCE = 0xfff2, IN_FLIGHT = 0xfff3;

struct Variable { const void *key; char *p; size_t size; const char *name; };

alignas(1024) char arena[ARENA_BYTES];
size_t used = ARENA_BYTES;  // how far the arena was used by the block before
size_t declared, dynamicBytes, limit;
std::vector<Variable> variables;
const char dynamicKey = 0;

// What is known of a byte of the arena: who wrote and read them last, and in which phases.
struct Shadow {
  uint32_t writePhase, writeWarpPhase, readPhase, readWarpPhase;
  uint16_t writer, reader;
  bool inFlight;
};
Shadow *shadow;
constexpr uint16_t SEVERAL = 0xffff, SEVERAL_OF_WARP = 0x8000;

void fill(void *p, size_t n, uint16_t pattern) {
  auto *q = static_cast<uint16_t *>(p);
  for (size_t i = 0; i < n / 2; i++) q[i] = pattern;
}

char *declare(const void *key, size_t size, size_t alignment, const char *name, Site site) {
  size_t even = (size + 1) & ~size_t(1);
  size_t at = (used + alignment - 1) & ~(alignment - 1);
  declared += even;
  if (declared > limit) fail(site, "%zu bytes of shared memory, %zu are allowed", declared, limit);
  if (at + even + FENCE_BYTES > ARENA_BYTES) fail(site, "the simulator's arena for shared memory is full");
  fill(arena + at, even, NEVER_WRITTEN);
  used = (at + even + FENCE_BYTES + 15) & ~size_t(15);
  variables.push_back({key, arena + at, size, name});
  return arena + at;
}

const Variable *variableOf(const char *p, size_t size) {
  for (auto &v : variables) {
    if (p >= v.p && p + size <= v.p + v.size) return &v;
  }
  return nullptr;
}

const Variable *nearestBelow(const char *p) {
  const Variable *nearest = nullptr;
  for (auto &v : variables) {
    if (v.p <= p) nearest = &v;
  }
  return nearest;
}

std::string nearest(const char *p) {
  const Variable *v = nearestBelow(p);
  return v ? std::string(v->name) + " has " + std::to_string(v->size) + " bytes, this is byte " + std::to_string(p - v->p) : "none is below";
}

std::string person(uint16_t thread) { return thread == SEVERAL || thread & SEVERAL_OF_WARP ? "several threads" : "thread " + std::to_string(thread); }

// Whether what a thread did at a phase of its warp comes before what the running thread does now, in the same phase of the block.
bool ordered(uint16_t thread, uint32_t warpPhaseThen) {
  return thread == currentThread() || (thread / 32 == currentWarp() && warpPhase(currentWarp()) > warpPhaseThen);
}

void noteRead(Shadow &s) {
  uint16_t me = uint16_t(currentThread());
  if (s.readPhase != blockPhase() || s.reader == me) {
    s.reader = me;
  } else if (s.reader != SEVERAL) {
    int warp = s.reader & SEVERAL_OF_WARP ? s.reader & 0x7fff : s.reader / 32;
    s.reader = warp == currentWarp() ? uint16_t(SEVERAL_OF_WARP | warp) : SEVERAL;
  }
  s.readPhase = blockPhase();
  s.readWarpPhase = warpPhase(currentWarp());
}

bool readsAreOrdered(const Shadow &s) {
  if (s.readPhase != blockPhase()) return true;
  if (s.reader == SEVERAL) return false;
  if (s.reader & SEVERAL_OF_WARP) return (s.reader & 0x7fff) == currentWarp() && warpPhase(currentWarp()) > s.readWarpPhase;
  return ordered(s.reader, s.readWarpPhase);
}

}  // namespace

void beginShared(size_t dynamic, size_t allowed) {
  fill(arena, used < ARENA_BYTES - FENCE_BYTES ? used + FENCE_BYTES : ARENA_BYTES, FENCE);
  used = FENCE_BYTES;
  declared = 0;
  dynamicBytes = dynamic;
  limit = allowed;
  variables.clear();
}

void *sharedVariable(const void *key, size_t size, size_t alignment, const char *name, Site site) {
  for (auto &v : variables) {
    if (v.key == key) return v.p;
  }
  return declare(key, size, alignment < 2 ? 2 : alignment, name, site);
}

void *sharedDynamic(size_t alignment, Site site) {
  for (auto &v : variables) {
    if (v.key == &dynamicKey) return v.p;
  }
  return declare(&dynamicKey, dynamicBytes, alignment, "dynamic shared memory", site);
}

bool sharedFencesHold(const Kernel &kernel) {
  size_t at = 0, next = 0;
  while (at < used) {
    if (next < variables.size() && arena + at == variables[next].p) {
      at += (variables[next].size + 1) & ~size_t(1);
      next++;
      continue;
    }
    uint16_t content;
    memcpy(&content, arena + at, 2);
    if (content != FENCE) {
      noteFailure("shared memory was written outside every variable: " + nearest(arena + at) + "\n  kernel " + kernel.name);
      return false;
    }
    at += 2;
  }
  return true;
}

bool inSharedMemory(const void *p) { return static_cast<const char *>(p) >= arena && static_cast<const char *>(p) < arena + ARENA_BYTES; }

uint32_t sharedAddress(const void *p, Site site) {
  if (!inSharedMemory(p)) fail(site, "%p is not in shared memory", p);
  return uint32_t(static_cast<const char *>(p) - arena);
}

char *sharedPointer(uint32_t address, size_t size, Site site) {
  if (address >= ARENA_BYTES || !variableOf(arena + address, size)) {
    fail(site, "shared address %u to %zu lies outside every shared variable: %s", address, address + size - 1,
         address < ARENA_BYTES ? nearest(arena + address).c_str() : "beyond the arena");
  }
  return arena + address;
}

void watchShared() {
  if (!shadow) shadow = static_cast<Shadow *>(calloc(ARENA_BYTES, sizeof(Shadow)));
}
bool sharedIsWatched() { return shadow; }

void sharedAccess(char *p, size_t size, bool write, void *code, Site site) {
  const Variable *v = variableOf(p, size);
  if (!v) failAt(code, site, std::string(write ? "write" : "read") + " outside every shared variable: " + nearest(p));
  auto race = [&](const char *what, uint16_t other) {
    failAt(code, site,
           std::string("race on byte ") + std::to_string(p - v->p) + " of " + v->name + ": " + what + " by " + person(other) + " without a barrier between");
  };
  for (size_t i = size_t(p - arena); i < size_t(p + size - arena); i++) {
    Shadow &s = shadow[i];
    if (s.inFlight && s.writePhase >= firstPhaseOfBlock()) {
      failAt(code, site, std::string(write ? "write to" : "read of") + " the destination of an asynchronous copy before the wait for it: " + v->name);
    }
    if (s.writePhase == blockPhase() && !ordered(s.writer, s.writeWarpPhase)) race(write ? "write after a write" : "read after a write", s.writer);
    if (write) {
      if (!readsAreOrdered(s)) race("write after a read", s.reader);
      s.writePhase = blockPhase();
      s.writeWarpPhase = warpPhase(currentWarp());
      s.writer = uint16_t(currentThread());
    } else {
      if (s.writePhase < firstPhaseOfBlock()) failAt(code, site, std::string("read of shared memory that nobody wrote: ") + v->name);
      noteRead(s);
    }
  }
}

void copyAsync(uint32_t to, const void *from, int bytes, int read, Site site) {
  if (to % bytes || reinterpret_cast<uintptr_t>(from) % bytes) {
    fail(site, "cp.async: an address is not aligned to %d bytes (shared %u, global %p)", bytes, to, from);
  }
  if (read < 0 || read > bytes) fail(site, "cp.async: %d of %d bytes are to be read", read, bytes);
  char *p = sharedPointer(to, bytes, site);
  if (shadow) sharedAccess(p, bytes, true, nullptr, site);
  fill(p, bytes, IN_FLIGHT);
  if (shadow) {
    for (uint32_t i = to; i < to + bytes; i++) shadow[i].inFlight = true;
  }
  issueCopy({to, from, bytes, read, site});
}

void copyDone(const Copy &c) {
  char *p = arena + c.to;
  if (shadow) {
    for (uint32_t i = c.to; i < c.to + c.bytes; i++) shadow[i].inFlight = false;
    if (c.read) globalAccess(const_cast<void *>(c.from), c.read, false, nullptr, c.site);
    sharedAccess(p, c.bytes, true, nullptr, c.site);
  }
  memcpy(p, c.from, c.read);
  memset(p + c.read, 0, c.bytes - c.read);
}

}  // namespace sim
