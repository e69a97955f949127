// A thread of a block as a coroutine: a stack of its own, and a switch that saves the registers a called function must keep.
#pragma once
#include <cstddef>

namespace sim {

class Fiber {
 public:
  using Main = void (*)();

  // Makes the fiber begin at `main` when it is next switched to; its stack is kept from use to use.
  void start(Main main);

  // Leaves `from` and goes on in `to`; returns when somebody switches back.
  static void swap(Fiber &from, Fiber &to);

  // Whether an address lies on this fiber's stack.
  bool owns(const void *p) const { return static_cast<const char *>(p) >= stack && static_cast<const char *>(p) < stack + SIZE; }

 private:
  static constexpr size_t SIZE = 64 << 10;
  char *stack = nullptr;
  void *pointer = nullptr;
};

}  // namespace sim
