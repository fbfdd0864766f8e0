#include "reports/reporter.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <exception>
#include <utility>

#include "base/clock.h"
#include "base/thread.h"

namespace temperature::reports {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

enum class Verdict : std::uint8_t { taken, limited, refused, failed };

Verdict verdict_of(int status) {
  if (status >= 200 && status < 300) return Verdict::taken;
  if (status == 429) return Verdict::limited;
  if (status == 0 || status >= 500) return Verdict::failed;
  return Verdict::refused;
}

// Threads that are started while it lives get no signals, but those of their own faults.
class NoSignals {
 public:
  NoSignals() {
    sigset_t all;
    sigfillset(&all);
    for (const int fault : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT}) sigdelset(&all, fault);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~NoSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  NoSignals(const NoSignals&) = delete;
  NoSignals& operator=(const NoSignals&) = delete;

 private:
  sigset_t before_{};
};

// Whether the server means this report, and not who sends it.
bool is_of_the_report(int status) {
  return status == 400 || status == 413 || status == 422;
}

}  // namespace

Reporter::Reporter(ReporterOptions options, std::unique_ptr<EnvelopeSender> sender, ReportFigures& figures)
    : options_(std::move(options)), sender_(std::move(sender)), figures_(figures) {
  const NoSignals blocked;
  thread_ = std::thread([this] { run(); });
}

Reporter::~Reporter() {
  finish(milliseconds(0));
}

void Reporter::report(Event event) noexcept {
  report(std::move(event), Done());
}

void Reporter::report(Event event, Done done) noexcept {
  try {
    put({std::move(event), std::move(done)});
  } catch (const std::exception&) {
    ++figures_.queue_full;
  }
}

void Reporter::put(Waiting waiting) {
  const std::lock_guard lock(mutex_);
  if (end_) {
    ++figures_.unsent;
    return;
  }
  if (waiting_.size() >= limits::kReportsWaitingMax) {
    ++figures_.queue_full;
    return;
  }
  if (!waiting.event.crash) {
    const auto repeated = repeats_.take(waiting.event.message + '\n' + waiting.event.code, steady_clock::now());
    if (!repeated) {
      ++figures_.repeated;
      return;
    }
    waiting.event.repeated = *repeated;
  }
  waiting_.push_back(std::move(waiting));
  changed_.notify_one();
}

void Reporter::finish(milliseconds at_most) {
  const auto end = steady_clock::now() + at_most;
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    first = !end_;
    if (first) end_ = end;
  }
  if (first) sender_->give_up_at(end);
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Reporter::run() {
  name_thread("reports");
  steady_clock::time_point not_before{};
  std::unique_lock lock(mutex_);
  while (true) {
    const auto now = steady_clock::now();
    drop_limited(now);
    if (end_ && (waiting_.empty() || now >= *end_ || limits_.limited(now))) break;
    if (waiting_.empty()) {
      changed_.wait(lock);
      continue;
    }
    if (const auto at = std::max(not_before, limits_.until()); !end_ && at > now) {
      changed_.wait_until(lock, at);
      continue;
    }
    Waiting first = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    const bool over = try_one(first);
    lock.lock();
    if (over) continue;
    waiting_.push_front(std::move(first));
    if (end_) break;
    not_before = steady_clock::now() + next_backoff();
  }
  figures_.unsent += waiting_.size();
}

void Reporter::drop_limited(steady_clock::time_point now) {
  if (!limits_.limited(now)) return;
  figures_.rate_limited += std::erase_if(waiting_, [](const Waiting& each) { return !each.event.crash; });
}

bool Reporter::try_one(const Waiting& waiting) {
  const SendAnswer answer = sender_->send(encode_envelope(waiting.event, options_.origin, SystemClock().now()));
  limits_.note(answer.status, answer.rate_limits, answer.retry_after, steady_clock::now());
  switch (verdict_of(answer.status)) {
    case Verdict::taken:
      ++figures_.sent;
      note_works();
      if (waiting.done) waiting.done(Kept::no);
      return true;
    case Verdict::limited:
      if (waiting.event.crash) return false;
      ++figures_.rate_limited;
      return true;
    case Verdict::refused:
      ++figures_.refused;
      note_trouble(fmt::format("status {}", answer.status));
      if (waiting.done) waiting.done(is_of_the_report(answer.status) ? Kept::no : Kept::yes);
      return true;
    case Verdict::failed:
      break;
  }
  note_trouble(answer.status == 0 ? answer.failure : fmt::format("status {}", answer.status));
  return false;
}

void Reporter::note_trouble(const std::string& reason) {
  if (!troubled_ && options_.say) options_.say("error reports are not taken", reason);
  troubled_ = true;
}

void Reporter::note_works() {
  failed_ = 0;
  if (troubled_ && options_.say) options_.say("error reports are taken again", {});
  troubled_ = false;
}

milliseconds Reporter::next_backoff() {
  constexpr std::uint32_t kDoublingsMax = 16;
  const std::uint32_t doublings = std::min(failed_++, kDoublingsMax);
  return std::min(limits::kReportBackoffMax, options_.backoff_first * (1U << doublings));
}

}  // namespace temperature::reports
