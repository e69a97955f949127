// The shared memory of the running block: one arena, with fences between variables and patterns that tell what was never written.
#pragma once
#include <cstddef>
#include <cstdint>

#include "device.h"

namespace sim {

constexpr size_t ARENA_BYTES = 256 << 10;

// Begins a block: nothing is declared, and `dynamic` bytes may be asked for with sharedDynamic.
void beginShared(size_t dynamic, size_t limit);

// False, with the failure noted, when a fence between two variables was written.
bool sharedFencesHold(const Kernel &kernel);

// A shared address as PTX has it, 32 bits, and the way back, checked to lie in one variable.
uint32_t sharedAddress(const void *p, Site site);
char *sharedPointer(uint32_t address, size_t size, Site site);

bool inSharedMemory(const void *p);

// Called for every access to shared memory when kernels are compiled to report theirs; see checks.cpp.
// `code` is the address of the accessing instruction, or null where `site` is known.
void sharedAccess(char *p, size_t size, bool write, void *code, Site site);

// Turns the checks of accesses on, for good.
void watchShared();
bool sharedIsWatched();

// ---- asynchronous copies: the destination holds a pattern until the wait
void copyAsync(uint32_t to, const void *from, int bytes, int read, Site site);
struct Copy;
void copyDone(const Copy &copy);

// ---- bank conflicts of ldmatrix: phases of eight rows, and the accesses that they took (as many where no two met in a bank)
extern uint64_t ldmatrixPhases, ldmatrixAccesses;

}  // namespace sim
