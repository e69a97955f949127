#include "scheduler.h"

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>
#include <vector>

#include "shared_memory.h"

uint3 threadIdx, blockIdx;
dim3 blockDim, gridDim;

namespace sim {

unsigned schedule = 0;

namespace {

constexpr int MAX_THREADS = 1024;

enum class State : uint8_t { READY, AT_BLOCK_BARRIER, AT_WARP, GONE };

struct Thread {
  Fiber fiber;
  uint3 index;
  int number, warp, lane;
  State state;
  Site site;         // where it waits
  const char *what;  // for what
  std::vector<Copy> open;                    // issued, in no group yet
  std::vector<std::vector<Copy>> committed;  // groups, oldest first
};

// Lanes that have arrived at one thing they do together.
struct Meeting : Lanes {
  uint32_t arrived;
  const char *what;
};

struct Warp {
  uint32_t exist, gone;
  int meetings;
  Meeting meeting[32];  // several at once where the lanes went different ways
  uint32_t phase;
};

Thread threads[MAX_THREADS];
Warp warps[MAX_THREADS / 32];
Fiber host;
Thread *current;
int size, gone, waiting;
Site barrier;
const Kernel *kernel;
void **parameters;
bool failed;
bool together_ = false;
std::string failure;
uint32_t phase = 1, firstPhase;

// ---- the order of threads

uint64_t random = 1;
bool depthFirst;  // a warp runs on as far as it gets; else warps take turns
// A double-ended queue of threads that can run, in a ring.
Thread *ready[2 * MAX_THREADS];
unsigned head, tail;
constexpr unsigned RING = 2 * MAX_THREADS - 1;

uint32_t draw(uint32_t below) {
  random ^= random << 13;
  random ^= random >> 7;
  random ^= random << 17;
  return uint32_t((random >> 32) * below >> 32);
}

void drawPolicy() { depthFirst = schedule == 1 || (schedule > 1 && draw(4) != 0); }

void release(Thread **t, int n) {
  for (int i = 0; i < n; i++) t[i]->state = State::READY;
  if (schedule == 1) {
    for (int i = 0; i < n / 2; i++) std::swap(t[i], t[n - 1 - i]);
  } else if (schedule > 1) {
    for (int i = n - 1; i > 0; i--) std::swap(t[i], t[draw(i + 1)]);
  }
  if (depthFirst) {
    for (int i = n - 1; i >= 0; i--) ready[--head & RING] = t[i];
  } else {
    for (int i = 0; i < n; i++) ready[tail++ & RING] = t[i];
  }
}

void runNext() {
  Thread *me = current;
  if (head == tail) {
    current = nullptr;
    Fiber::swap(me->fiber, host);
    return;
  }
  Thread *next = ready[head++ & RING];
  if (next == me) return;
  current = next;
  threadIdx = next->index;
  Fiber::swap(me->fiber, next->fiber);
}

void waitFor(const char *what, State state, Site site) {
  current->state = state;
  current->site = site;
  current->what = what;
  runNext();
}

std::string name(const Thread &t) {
  char text[100];
  snprintf(text, sizeof text, "thread (%u,%u,%u), warp %d, lane %d", t.index.x, t.index.y, t.index.z, t.warp, t.lane);
  return text;
}

std::string at(Site s) { return std::string(s.file ? s.file : "?") + ":" + std::to_string(s.line); }

bool same(Site a, Site b) { return a.line == b.line && strcmp(a.file, b.file) == 0; }

void leave() {
  if (waiting) fail(barrier, "%d threads wait in __syncthreads here, but a thread has left the kernel", waiting);
  Warp &w = warps[current->warp];
  for (int i = 0; i < w.meetings; i++) {
    Meeting &m = w.meeting[i];
    if (m.mask >> current->lane & 1) {
      fail(m.site, "lanes %08x wait in %s here, but lane %d has left the kernel", m.arrived, m.what, current->lane);
    }
  }
  w.gone |= 1u << current->lane;
  current->state = State::GONE;
  gone++;
}

void threadMain() {
  kernel->call(kernel->function, parameters);
  leave();
  runNext();
  abort();
}

std::string deadlock() {
  std::string text = std::string("deadlock: no thread can run in kernel ") + kernel->name;
  int shown = 0;
  for (int i = 0; i < size && shown < 4; i++) {
    const Thread &t = threads[i];
    bool waits = t.state == State::AT_BLOCK_BARRIER || t.state == State::AT_WARP;
    bool asBefore = i > 0 && threads[i - 1].state == t.state && same(threads[i - 1].site, t.site);
    if (waits && !asBefore) {
      text += "\n  " + name(t) + " waits in " + t.what + " at " + at(t.site);
      shown++;
    }
  }
  return text;
}

void begin(const Kernel &k, void **p, dim3 block) {
  kernel = &k;
  parameters = p;
  size = int(block.x * block.y * block.z);
  gone = waiting = 0;
  head = tail = 0;
  firstPhase = ++phase;
  failed = false;
  for (int i = 0; i * 32 < size; i++) {
    int lanes = size - i * 32;
    warps[i].exist = lanes >= 32 ? ~0u : (1u << lanes) - 1;
    warps[i].gone = 0;
    warps[i].meetings = 0;
    warps[i].phase = 1;
  }
  for (int i = 0; i < size; i++) {
    Thread &t = threads[i];
    t.index = {i % block.x, i / block.x % block.y, i / (block.x * block.y)};
    t.number = i;
    t.warp = i / 32;
    t.lane = i % 32;
    t.open.clear();
    t.committed.clear();
    t.fiber.start(threadMain);
  }
}

void releaseAll() {
  static Thread *all[MAX_THREADS];
  drawPolicy();
  for (int i = 0; i < size; i++) all[i] = &threads[i];
  release(all, size);
}

}  // namespace

int currentThread() { return current && !together_ ? current->number : -1; }
int currentWarp() { return current->warp; }
uint32_t blockPhase() { return phase; }
uint32_t firstPhaseOfBlock() { return firstPhase; }
uint32_t warpPhase(int warp) { return warps[warp].phase; }
bool onOwnStack(const void *p) { return current->fiber.owns(p); }
const std::string &lastFailure() { return failure; }
void noteFailure(const std::string &message) { failure = message; }

bool runBlock(const Kernel &k, void **p, dim3 block, uint3 index) {
  random = 0x9e3779b97f4a7c15ull * (schedule + 1) ^ (uint64_t(index.x) << 32 | index.y << 16 | index.z);
  blockIdx = index;
  begin(k, p, block);
  releaseAll();
  current = ready[head++ & RING];
  threadIdx = current->index;
  Fiber::swap(host, current->fiber);
  if (failed) return false;
  if (gone != size) {
    failure = deadlock();
    return false;
  }
  return true;
}

void fail(Site site, const char *format, ...) {
  char text[800];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  failure = at(site) + ": " + text + "\n  kernel " + (kernel ? kernel->name : "?") + ", block (" + std::to_string(blockIdx.x) + "," +
            std::to_string(blockIdx.y) + "," + std::to_string(blockIdx.z) + ")" + (current ? ", " + name(*current) : "") + ", schedule " +
            std::to_string(schedule);
  failed = true;
  together_ = false;
  Thread *me = current;
  current = nullptr;
  head = tail;
  Fiber::swap(me->fiber, host);  // nobody switches back
  abort();
}

void together(const char *what, uint32_t mask, const void *in, void *out, Together function, Site site) {
  Warp &w = warps[current->warp];
  int lane = current->lane;
  if (!(mask >> lane & 1)) fail(site, "%s: the calling lane %d is not in its mask %08x", what, lane, mask);
  if (mask & ~w.exist) fail(site, "%s: mask %08x names lanes that the block does not have (the warp has %08x)", what, mask, w.exist);
  if (mask & w.gone) fail(site, "%s: mask %08x names lanes %08x, which have left the kernel", what, mask, mask & w.gone);
  Meeting *m = nullptr;
  for (int i = 0; i < w.meetings; i++) {
    if (w.meeting[i].mask == mask) m = &w.meeting[i];
  }
  if (!m) {
    m = &w.meeting[w.meetings++];
    m->mask = mask;
    m->arrived = 0;
    m->what = what;
    m->site = site;
  } else if (m->what != what || !same(m->site, site)) {
    fail(site, "%s meets %s at %s:%d (lanes %08x): the lanes of the warp disagree", what, m->what, m->site.file, m->site.line, m->arrived);
  }
  m->in[lane] = in;
  m->out[lane] = out;
  m->arrived |= 1u << lane;
  if (m->arrived != mask) return waitFor(what, State::AT_WARP, site);
  if (function) {
    together_ = true;
    function(*m);
    together_ = false;
  } else if (mask == w.exist) {
    w.phase++;  // only __syncwarp orders memory
  }
  *m = w.meeting[--w.meetings];
  Thread *lanes[32];
  int n = 0;
  for (int l = 0; l < 32; l++) {
    if (mask >> l & 1) lanes[n++] = &threads[current->warp * 32 + l];
  }
  release(lanes, n);
  runNext();
}

void issueCopy(const Copy &copy) { current->open.push_back(copy); }

void commitCopies() {
  current->committed.push_back(std::move(current->open));
  current->open.clear();
}

void awaitCopies(int keep, void (*done)(const Copy &)) {
  auto &groups = current->committed;
  int n = int(groups.size()) - keep;
  for (int i = 0; i < n; i++) {
    for (const Copy &c : groups[i]) done(c);
  }
  if (n > 0) groups.erase(groups.begin(), groups.begin() + n);
}

}  // namespace sim

void __syncthreads(sim::Site site) {
  using namespace sim;
  if (gone) fail(site, "__syncthreads: %d threads have already left the kernel", gone);
  if (waiting == 0) {
    barrier = site;
  } else if (!same(barrier, site)) {
    fail(site, "__syncthreads here meets __syncthreads at %s:%d (%d threads wait there)", barrier.file, barrier.line, waiting);
  }
  if (++waiting < size) return waitFor("__syncthreads", State::AT_BLOCK_BARRIER, site);
  waiting = 0;
  phase++;
  releaseAll();
  runNext();
}
