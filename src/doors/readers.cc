#include "doors/readers.h"

#include <limits>
#include <utility>

#include "base/thread.h"

namespace temperature::doors {

Readers::Readers(std::size_t threads) {
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

Readers::~Readers() {
  stop();
}

bool Readers::ask(Question question) {
  const bool taken = take(std::move(question), limits::kReadersQueueMax);
  if (!taken) refused_.fetch_add(1, std::memory_order_relaxed);
  return taken;
}

void Readers::go_on(Question question) {
  static_cast<void>(take(std::move(question), std::numeric_limits<std::size_t>::max()));
}

bool Readers::take(Question question, std::size_t queue_max) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || queue_.size() >= queue_max) return false;
    queue_.push_back(std::move(question));
    waiting_.store(queue_.size(), std::memory_order_relaxed);
  }
  woken_.notify_one();
  return true;
}

void Readers::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  woken_.notify_all();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
  const std::lock_guard lock(mutex_);
  queue_.clear();
  waiting_.store(0, std::memory_order_relaxed);
}

void Readers::run() {
  name_thread("reader");
  while (true) {
    std::unique_lock lock(mutex_);
    woken_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (stopping_) return;
    const Question question = std::move(queue_.front());
    queue_.pop_front();
    waiting_.store(queue_.size(), std::memory_order_relaxed);
    lock.unlock();
    question();
  }
}

}  // namespace temperature::doors
