#include "client/sender.h"

#include <fmt/format.h>

#include <utility>

#include "base/check.h"
#include "client/bounds.h"

namespace temperature::client {

Sender::Sender(std::vector<SendBatch> connections) : waiting_max_(connections.size() * kBatchesWaitingPerConnection) {
  CHECK(!connections.empty());
  for (SendBatch& send : connections) {
    threads_.emplace_back([this, mine = std::move(send)] { run(mine); });
  }
}

Sender::~Sender() {
  join();
}

bool Sender::submit(Batch batch) {
  std::unique_lock lock(mutex_);
  CHECK(!closed_);
  room_to_wait_.wait(lock, [this] { return waiting_.size() < waiting_max_ || failure_; });
  if (failure_) return false;
  waiting_.push_back(std::move(batch));
  batch_waits_.notify_one();
  return true;
}

void Sender::reject(std::uint64_t origin, std::string_view reason) {
  const std::lock_guard lock(mutex_);
  summary_.reject(origin, reason);
}

void Sender::run(const SendBatch& send) {
  std::unique_lock lock(mutex_);
  for (;;) {
    batch_waits_.wait(lock, [this] { return !waiting_.empty() || closed_ || failure_; });
    if (failure_ || waiting_.empty()) return;
    const Batch batch = std::move(waiting_.front());
    waiting_.pop_front();
    room_to_wait_.notify_one();
    lock.unlock();
    auto answer = send(batch);
    lock.lock();
    if (answer) {
      summary_.add(*answer, batch);
      continue;
    }
    if (!failure_) failure_ = Failure{batch.origin(0), std::move(answer.error())};
    failure_->origin = std::min(failure_->origin, batch.origin(0));
    batch_waits_.notify_all();
    room_to_wait_.notify_all();
    return;
  }
}

void Sender::join() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  batch_waits_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

Result<void> Sender::finish(std::string_view origin) {
  join();
  const std::lock_guard lock(mutex_);
  if (!failure_) return {};
  return failure(failure_->error.code, fmt::format("{}; readings from {} {} on may be missing", failure_->error.detail,
                                                   origin, failure_->origin));
}

std::optional<std::uint64_t> Sender::first_missing() const {
  const std::lock_guard lock(mutex_);
  return failure_ ? std::optional(failure_->origin) : std::nullopt;
}

Summary Sender::summary() const {
  const std::lock_guard lock(mutex_);
  return summary_;
}

std::uint64_t Sender::readings_done() const {
  const std::lock_guard lock(mutex_);
  return summary_.total();
}

}  // namespace temperature::client
