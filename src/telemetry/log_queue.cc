#include "telemetry/log_queue.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <mutex>
#include <new>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include "base/descriptor.h"
#include "base/thread.h"

namespace temperature::telemetry {
namespace {

using Moment = std::chrono::steady_clock::time_point;

constexpr std::chrono::milliseconds kLastLook{100};  // for what is about to end
constexpr int kForEver = -1;
constexpr int kNotReady = 10;  // milliseconds until a descriptor is tried again that had room and took nothing

struct Line {
  std::string text;
  std::uint64_t tells_of = 0;  // so many that were dropped, when it says that; else 0
};

// Threads inherit the mask: a signal that is for the program must not end this one, nor a pipe that nobody reads.
class NoSignals {
 public:
  NoSignals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~NoSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  NoSignals(const NoSignals&) = delete;
  NoSignals& operator=(const NoSignals&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace

// What the thread needs, which may outlive the queue.
struct LogQueue::Shared {
  explicit Shared(LogQueueOptions its_options) : options(std::move(its_options)) {}

  // All but write_out() and wait_for_room(): REQUIRES: `mutex` is held.
  void add(std::string text);
  [[nodiscard]] bool has_something() const { return !lines.empty() || (unsaid > 0 && works); }
  // Sets `piece` to what is to be written next: lines that fit into one write, or a single one that is longer. Returns
  // how many lines it has.
  std::size_t next_piece(std::string_view& piece);
  // Of these lines so many bytes were written.
  void done(std::size_t count, std::size_t written, std::size_t of_bytes);
  void add_note();

  // How many of these bytes were written. Short of all: it cannot be written, or stop() was called.
  std::size_t write_out(std::string_view bytes, int timeout);
  bool wait_for_room(int timeout) const;
  void run();
  void write_at_once();

  const LogQueueOptions options;
  const Descriptor woken{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};  // the thread, out of its poll()
  std::array<char, PIPE_BUF> collected{};                            // the thread's: several lines
  std::size_t prefixed = 0;  // the thread's: bytes before them, which end a line that was written in part

  std::mutex mutex;
  std::condition_variable added;
  std::condition_variable taken;
  std::deque<Line> lines;    // those that are being written among them
  std::size_t bytes = 0;     // of them
  std::uint64_t unsaid = 0;  // dropped ones that no line has told of
  bool works = true;         // the last write did
  bool within_line = false;  // and a former one ended in the middle of a line
  bool threaded = true;
  bool stopping = false;
  bool ended = false;
  std::atomic<std::uint64_t> dropped{0};
  std::atomic<Moment> progress{Moment()};  // when something was taken, or there was first something to take
};

void LogQueue::Shared::add_note() {
  try {
    Line note{options.say_dropped(unsaid), unsaid};
    const std::size_t more = note.text.size();
    lines.push_back(std::move(note));
    bytes += more;
    unsaid = 0;
  } catch (const std::bad_alloc&) {
    works = false;  // not before the next line
  }
}

void LogQueue::Shared::add(std::string text) {
  if (lines.size() >= options.lines_max || bytes + text.size() > options.bytes_max) {
    dropped.fetch_add(1, std::memory_order_relaxed);
    ++unsaid;
    return;
  }
  if (lines.empty()) progress.store(std::chrono::steady_clock::now(), std::memory_order_relaxed);
  if (unsaid > 0) add_note();
  const std::size_t more = text.size();
  lines.push_back({std::move(text)});
  bytes += more;
}

std::size_t LogQueue::Shared::next_piece(std::string_view& piece) {
  if (lines.empty()) add_note();
  prefixed = std::exchange(within_line, false) ? 1 : 0;
  collected.front() = '\n';
  std::size_t used = prefixed;
  std::size_t count = 0;
  for (const Line& line : lines) {
    if (line.text.size() > collected.size() - used) break;
    std::ranges::copy(line.text, collected.data() + used);
    used += line.text.size();
    ++count;
  }
  piece = {collected.data(), used};
  if (used > 0 || lines.empty()) return count;
  piece = lines.front().text;  // stays where it is while others are added behind
  return 1;
}

void LogQueue::Shared::done(std::size_t count, std::size_t written, std::size_t of_bytes) {
  works = written == of_bytes;
  within_line = written < prefixed;
  std::size_t end = prefixed;
  for (; count > 0; --count) {
    const Line& line = lines.front();
    const std::size_t begin = std::exchange(end, end + line.text.size());
    if (end > written) {
      within_line = within_line || written > begin;
      if (line.tells_of == 0) dropped.fetch_add(1, std::memory_order_relaxed);
      unsaid += std::max<std::uint64_t>(line.tells_of, 1);
    }
    bytes -= line.text.size();
    lines.pop_front();
  }
  taken.notify_all();
}

bool LogQueue::Shared::wait_for_room(int timeout) const {
  while (true) {
    std::array<pollfd, 2> waited{{{options.descriptor, POLLOUT, 0}, {woken.get(), POLLIN, 0}}};
    const int found = ::poll(waited.data(), waited.size(), timeout);
    if (found < 0 && errno == EINTR) continue;
    return found > 0 && waited[1].revents == 0;  // a descriptor with an error: the write will say so
  }
}

// A pipe that has room takes PIPE_BUF bytes at once: no write waits, unless others write to it as well.
std::size_t LogQueue::Shared::write_out(std::string_view bytes_left, int timeout) {
  const std::size_t all = bytes_left.size();
  while (!bytes_left.empty() && wait_for_room(timeout)) {
    const ssize_t count =
        ::write(options.descriptor, bytes_left.data(), std::min<std::size_t>(bytes_left.size(), PIPE_BUF));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN && timeout == kForEver) {
      ::poll(nullptr, 0, kNotReady);
      continue;
    }
    if (count <= 0) break;
    bytes_left.remove_prefix(static_cast<std::size_t>(count));
    progress.store(std::chrono::steady_clock::now(), std::memory_order_relaxed);
  }
  return all - bytes_left.size();
}

void LogQueue::Shared::run() {
  name_thread("log");
  std::unique_lock lock(mutex);
  while (true) {
    added.wait(lock, [this] { return stopping || has_something(); });
    if (stopping) break;
    std::string_view piece;
    const std::size_t count = next_piece(piece);
    lock.unlock();
    const std::size_t written = write_out(piece, kForEver);
    lock.lock();
    done(count, written, piece.size());
  }
  ended = true;
  taken.notify_all();
}

// Without a thread: what has no room now is dropped.
void LogQueue::Shared::write_at_once() {
  while (has_something()) {
    std::string_view piece;
    const std::size_t count = next_piece(piece);
    const std::size_t size = piece.size();
    done(count, write_out(piece, 0), size);
  }
}

LogQueue::LogQueue(LogQueueOptions options) : shared_(std::make_shared<Shared>(std::move(options))) {
  const NoSignals in_the_thread;
  try {
    std::thread([shared = shared_] { shared->run(); }).detach();
  } catch (const std::system_error&) {
    shared_->threaded = false;
    shared_->ended = true;
  }
}

LogQueue::~LogQueue() {
  flush(limits::kLogEndWait);
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->stopping = true;
  }
  shared_->added.notify_one();
  const std::uint64_t one = 1;
  static_cast<void>(::write(shared_->woken.get(), &one, sizeof one));
  std::unique_lock lock(shared_->mutex);
  shared_->taken.wait_for(lock, kLastLook, [this] { return shared_->ended; });
}

void LogQueue::add(std::string lines) {
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->add(std::move(lines));
    if (!shared_->threaded) return shared_->write_at_once();
  }
  shared_->added.notify_one();
}

void LogQueue::drop() {
  shared_->dropped.fetch_add(1, std::memory_order_relaxed);
  {
    const std::lock_guard lock(shared_->mutex);
    ++shared_->unsaid;
  }
  shared_->added.notify_one();
}

bool LogQueue::flush(std::chrono::milliseconds at_most) {
  Shared& shared = *shared_;
  const Moment begun = std::chrono::steady_clock::now();
  std::unique_lock lock(shared.mutex);
  while (shared.threaded && shared.has_something()) {
    const Moment standstill = shared.progress.load(std::memory_order_relaxed) + limits::kLogStandstill;
    const Moment end = std::min(begun + at_most, std::max(begun + kLastLook, standstill));
    if (std::chrono::steady_clock::now() >= end) break;
    shared.taken.wait_until(lock, end);
  }
  return shared.lines.empty();
}

std::uint64_t LogQueue::dropped() const {
  return shared_->dropped.load(std::memory_order_relaxed);
}

}  // namespace temperature::telemetry
