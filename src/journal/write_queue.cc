#include "journal/write_queue.h"

namespace temperature::journal {
namespace {

constexpr std::chrono::seconds kSmallRecently{1};

}  // namespace

bool WriteQueue::small_come() const {
  return Clock::now() - small_came_ < kSmallRecently;
}

bool WriteQueue::large_may_go() const {
  return !large_.batches.empty() && (closed_ || Clock::now() >= large_may_go_);
}

bool WriteQueue::ready() const {
  return closed_ || small_.batches.size() >= wanted_ || GroupWait::is_large(small_.bytes) || large_may_go();
}

Result<void> WriteQueue::add(Submission& batch, std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  if (closed_) return failure(ErrorCode::shutting_down, "the journal is closed");
  const std::size_t queued = small_.bytes + large_.bytes;
  if (queued > 0 && queued + bytes > bytes_max_) {
    return failure(ErrorCode::overloaded, "too many readings wait to be written to the journal");
  }
  Waiting& waiting = GroupWait::is_large(bytes) ? large_ : small_;
  waiting.batches.push_back({&batch, bytes});
  waiting.bytes += bytes;
  // The first large one has the writer look when it may go.
  if (sleeping_ && (ready() || large_.batches.size() == 1)) woken_.notify_one();
  return {};
}

void WriteQueue::take_one(Waiting& waiting, std::vector<Submission*>& taken) {
  const Queued& first = waiting.batches.front();
  taken.push_back(first.batch);
  waiting.bytes -= first.bytes;
  waiting.batches.pop_front();
}

void WriteQueue::take_all(Waiting& waiting, std::vector<Submission*>& taken) {
  for (const Queued& each : waiting.batches) taken.push_back(each.batch);
  waiting.batches.clear();
  waiting.bytes = 0;
}

bool WriteQueue::take(std::vector<Submission*>& taken) {
  std::unique_lock lock(mutex_);
  sleeping_ = true;
  wanted_ = group_wait_.batches(small_.batches.size());
  if (!ready()) woken_.wait_for(lock, group_wait_.at_most(), [this] { return ready(); });
  wanted_ = 1;
  while (!ready()) {
    if (large_.batches.empty()) {
      woken_.wait(lock);
    } else {
      woken_.wait_until(lock, large_may_go_);
    }
  }
  sleeping_ = false;
  small_taken_ = small_.batches.size();
  large_taken_ = large_may_go();
  take_all(small_, taken);
  if (small_taken_ > 0) small_came_ = Clock::now();
  if (large_taken_) small_come() && !closed_ ? take_one(large_, taken) : take_all(large_, taken);
  return !taken.empty();
}

void WriteQueue::committed(std::chrono::nanoseconds took) {
  group_wait_.committed(small_taken_, took);
  if (!large_taken_) return;
  const auto now = Clock::now();
  const std::lock_guard lock(mutex_);
  large_may_go_ = small_come() ? now + took : now;
}

void WriteQueue::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  woken_.notify_one();
}

std::size_t WriteQueue::bytes() const {
  const std::lock_guard lock(mutex_);
  return small_.bytes + large_.bytes;
}

}  // namespace temperature::journal
