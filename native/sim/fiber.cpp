#include "fiber.h"

#include <cstdio>
#include <cstdlib>
#include <sys/mman.h>

extern "C" void sim_swap(void **save, void *to);

// 8 to 16 ns a switch; the library functions for this cost several times that, and a block switches thousands of times.
#if defined(__x86_64__)
asm(R"(
.text
.p2align 4
.globl sim_swap
.hidden sim_swap
.type sim_swap,@function
sim_swap:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size sim_swap,.-sim_swap
)");
constexpr int SAVED = 6;
#elif defined(__aarch64__)
asm(R"(
.text
.p2align 4
.globl sim_swap
.hidden sim_swap
.type sim_swap,%function
sim_swap:
  sub sp, sp, #160
  stp x19, x20, [sp, #0]
  stp x21, x22, [sp, #16]
  stp x23, x24, [sp, #32]
  stp x25, x26, [sp, #48]
  stp x27, x28, [sp, #64]
  stp x29, x30, [sp, #80]
  stp d8, d9, [sp, #96]
  stp d10, d11, [sp, #112]
  stp d12, d13, [sp, #128]
  stp d14, d15, [sp, #144]
  mov x9, sp
  str x9, [x0]
  mov sp, x1
  ldp x19, x20, [sp, #0]
  ldp x21, x22, [sp, #16]
  ldp x23, x24, [sp, #32]
  ldp x25, x26, [sp, #48]
  ldp x27, x28, [sp, #64]
  ldp x29, x30, [sp, #80]
  ldp d8, d9, [sp, #96]
  ldp d10, d11, [sp, #112]
  ldp d12, d13, [sp, #128]
  ldp d14, d15, [sp, #144]
  add sp, sp, #160
  ret
.size sim_swap,.-sim_swap
)");
#else
#error "the switch between fibers is written for x86-64 and AArch64"
#endif

namespace sim {

void Fiber::start(Main main) {
  if (!stack) {
    // A page that nobody may touch lies below, so that an overflow stops here and not in another fiber's stack.
    constexpr size_t PAGE = 64 << 10;
    void *p = mmap(nullptr, SIZE + PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) {
      perror("no stack for a thread of the simulated device");
      abort();
    }
    mprotect(p, PAGE, PROT_NONE);
    stack = static_cast<char *>(p) + PAGE;
  }
#if defined(__x86_64__)
  void **sp = reinterpret_cast<void **>(stack + SIZE);
  *--sp = nullptr;  // where a return address would be: keeps the alignment that the ABI asks for, and ends back traces
  *--sp = reinterpret_cast<void *>(main);
  for (int i = 0; i < SAVED; i++) *--sp = nullptr;
  pointer = sp;
#else
  char *sp = stack + SIZE - 160;
  for (int i = 0; i < 20; i++) reinterpret_cast<void **>(sp)[i] = nullptr;
  reinterpret_cast<void **>(sp)[11] = reinterpret_cast<void *>(main);  // x30, where ret goes
  pointer = sp;
#endif
}

void Fiber::swap(Fiber &from, Fiber &to) { sim_swap(&from.pointer, to.pointer); }

}  // namespace sim
