// Never compiled with -fsanitize itself: it defines the functions that such code calls.
#include "checks.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>

#include "device_memory.h"
#include "scheduler.h"
#include "shared_memory.h"

namespace sim {

namespace {

// The source line of an instruction, as "file:line", from the debug information of its shared object.
std::string lineOf(void *code) {
  Dl_info object;
  if (!dladdr(code, &object)) return "?";
  char command[600], line[400] = "";
  snprintf(command, sizeof command, "addr2line -e '%s' -i %#tx 2>/dev/null | head -1", object.dli_fname,
           static_cast<char *>(code) - 1 - static_cast<char *>(object.dli_fbase));
  if (FILE *out = popen(command, "r")) {
    if (!fgets(line, sizeof line, out)) line[0] = 0;
    pclose(out);
  }
  std::string s(line);
  while (!s.empty() && s.back() == '\n') s.pop_back();
  return s.empty() ? object.dli_fname : s;
}

void access(void *p, size_t size, bool write, void *code) {
  if (currentThread() < 0) return;
  if (inSharedMemory(p)) return sharedAccess(static_cast<char *>(p), size, write, code, {});
  globalAccess(p, size, write, code, {});
}

void aligned(void *p, size_t size, void *code) {
  if (currentThread() >= 0 && reinterpret_cast<uintptr_t>(p) & (size - 1)) {
    failAt(code, {}, "misaligned access of " + std::to_string(size) + " bytes");
  }
}

}  // namespace

void failAt(void *code, Site site, const std::string &message) {
  if (!code) fail(site, "%s", message.c_str());
  std::string line = lineOf(code);
  size_t colon = line.rfind(':');
  std::string file = line.substr(0, colon);
  // Lives as long as the process; a launch fails at most once.
  fail({strdup(file.c_str()), colon == std::string::npos ? 0 : atoi(line.c_str() + colon + 1)}, "%s", message.c_str());
}

void globalAccess(void *p, size_t size, bool write, void *code, Site site) {
  if (onOwnStack(p) || inDeviceBuffer(p, size)) return;
  Dl_info object;
  if (!write && dladdr(p, &object)) return;  // a module's constants, or threadIdx and its like
  failAt(code, site, std::string(write ? "write" : "read") + " of " + std::to_string(size) + " bytes outside every device buffer; " + nearestBuffer(p));
}

}  // namespace sim

extern "C" {
using namespace sim;

#define ACCESS(n)                                               \
  void __tsan_read##n(void *p) {                                \
    aligned(p, n, __builtin_return_address(0));                 \
    access(p, n, false, __builtin_return_address(0));           \
  }                                                             \
  void __tsan_write##n(void *p) {                               \
    aligned(p, n, __builtin_return_address(0));                 \
    access(p, n, true, __builtin_return_address(0));            \
  }                                                             \
  void __tsan_unaligned_read##n(void *p) { access(p, n, false, __builtin_return_address(0)); } \
  void __tsan_unaligned_write##n(void *p) { access(p, n, true, __builtin_return_address(0)); }
ACCESS(1)
ACCESS(2)
ACCESS(4)
ACCESS(8)
ACCESS(16)
void __tsan_read_range(void *p, size_t n) { access(p, n, false, __builtin_return_address(0)); }
void __tsan_write_range(void *p, size_t n) { access(p, n, true, __builtin_return_address(0)); }
void __tsan_func_entry(void *) {}
void __tsan_func_exit() {}
void __tsan_init() { watchShared(); }
void __tsan_vptr_update(void **, void *) {}

// The data of each of these begins with the place in the source.
struct UndefinedAt { const char *file; uint32_t line, column; };
#define UNDEFINED(what)                                                                                   \
  void __ubsan_handle_##what(UndefinedAt *at, ...) {                                                      \
    if (currentThread() >= 0) fail({at->file, int(at->line)}, "undefined behaviour: " #what);             \
    fprintf(stderr, "%s:%u: undefined behaviour: " #what "\n", at->file, at->line);                       \
    abort();                                                                                              \
  }
UNDEFINED(type_mismatch_v1)
UNDEFINED(out_of_bounds)
UNDEFINED(add_overflow)
UNDEFINED(sub_overflow)
UNDEFINED(mul_overflow)
UNDEFINED(negate_overflow)
UNDEFINED(divrem_overflow)
UNDEFINED(shift_out_of_bounds)
UNDEFINED(pointer_overflow)
UNDEFINED(load_invalid_value)
UNDEFINED(float_cast_overflow)
UNDEFINED(builtin_unreachable)
UNDEFINED(missing_return)
UNDEFINED(vla_bound_not_positive)
UNDEFINED(nonnull_arg)
UNDEFINED(invalid_builtin)
}
