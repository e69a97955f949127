#include "streams.h"

#include <chrono>
#include <map>

#include "scheduler.h"

namespace sim {

namespace {

std::map<int, int> failures;
uint64_t random = 88172645463325252ull;

bool late() {
  if (schedule < 2) return schedule == 1;
  random ^= random << 13;
  random ^= random >> 7;
  random ^= random << 17;
  return random >> 33 & 1;
}

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

void runOne(Stream &stream) {
  Work work = std::move(stream.work.front());
  stream.work.pop_front();
  // After a failure a device does nothing any more, but waiting still ends.
  if (int result = work()) fail(stream.device, result);
}

}  // namespace

void enqueue(Stream &stream, Work work) {
  stream.work.push_back(std::move(work));
  if (!late()) drain(stream);
}

void drain(Stream &stream) {
  while (!stream.work.empty()) runOne(stream);
}

void drain(const std::shared_ptr<Recording> &recording) {
  while (!recording->done && !recording->stream->work.empty()) runOne(*recording->stream);
}

void record(Event &event, Stream &stream) {
  auto recording = std::make_shared<Recording>();
  recording->stream = &stream;
  event.recording = recording;
  enqueue(stream, [recording] {
    recording->done = true;
    recording->seconds = now();
    return 0;
  });
}

void waitFor(Stream &stream, const Event &event) {
  auto recording = event.recording;
  if (!recording) return;
  enqueue(stream, [recording] {
    drain(recording);
    return 0;
  });
}

int failureOf(int device) {
  auto it = failures.find(device);
  return it == failures.end() ? 0 : it->second;
}
void fail(int device, int result) {
  if (!failureOf(device)) failures[device] = result;
}
void forgetFailure(int device) { failures.erase(device); }

}  // namespace sim
