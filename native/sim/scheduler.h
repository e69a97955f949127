// Runs the threads of one block at a time, in an order that a schedule decides, and holds them at barriers.
#pragma once
#include <cstdint>
#include <string>

#include "device.h"
#include "fiber.h"

namespace sim {

// The order in which threads run: 0 lets warps take turns in order, 1 runs in reverse and each warp as far as it gets, and every other
// number draws a new order and policy after each barrier. A right kernel gives the same bits under all of them.
extern unsigned schedule;

// The thread that runs, by its place in the block; -1 outside a kernel and while the simulator itself works for a warp.
int currentThread();
int currentWarp();

// How often all threads of the block met, over all blocks so far: what happened under an older number is ordered before now.
uint32_t blockPhase();
// The phase at which the running block began.
uint32_t firstPhaseOfBlock();
// How often the lanes of a warp met in __syncwarp.
uint32_t warpPhase(int warp);

// Whether an address is on the running thread's own stack.
bool onOwnStack(const void *p);

// Runs a block of a kernel to its end. False when it failed; then lastFailure() says why.
bool runBlock(const Kernel &kernel, void **parameters, dim3 size, uint3 index);

const std::string &lastFailure();
void noteFailure(const std::string &message);

// Asynchronous copies that the running thread has issued (see shared_memory.h).
struct Copy { uint32_t to; const void *from; int bytes, read; Site site; };
void issueCopy(const Copy &copy);
void commitCopies();
// Hands out, oldest first, the copies of all committed groups but the newest `keep`.
void awaitCopies(int keep, void (*done)(const Copy &));

}  // namespace sim
