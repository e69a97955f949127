// What is checked of every access to memory when kernels are compiled with -fsanitize=thread,undefined: the compiler then calls a function
// before each access, and the simulator is what provides these functions.
#pragma once
#include <string>

#include "device.h"

namespace sim {

// Fails at the source line of an instruction, or at `site` where `code` is null.
[[noreturn]] void failAt(void *code, Site site, const std::string &message);

// An access outside shared memory: must lie in a device buffer, a constant or the thread's own stack.
void globalAccess(void *p, size_t size, bool write, void *code, Site site);

}  // namespace sim
