// Streams and events. What is enqueued may run at once or only when somebody waits for it: schedule 0 runs all at once, 1 as late as it
// may, the others decide for each piece. So both who reads too early and who overwrites too early are found out.
#pragma once
#include <deque>
#include <functional>
#include <memory>

namespace sim {

// Gives a CUDA result; whatever is not 0 is kept as the device's failure.
using Work = std::function<int()>;

struct Stream {
  explicit Stream(int device) : device(device) {}
  const int device;
  std::deque<Work> work;
};

// One recording of an event.
struct Recording {
  Stream *stream;
  bool done = false;
  double seconds = 0;
};
struct Event { std::shared_ptr<Recording> recording; };

void enqueue(Stream &stream, Work work);
void drain(Stream &stream);
void drain(const std::shared_ptr<Recording> &recording);
void record(Event &event, Stream &stream);
void waitFor(Stream &stream, const Event &event);

// The first result of a device's work that was not 0, or 0.
int failureOf(int device);
void fail(int device, int result);
void forgetFailure(int device);

}  // namespace sim
