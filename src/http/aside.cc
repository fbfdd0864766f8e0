#include "http/aside.h"

#include "base/thread.h"
#include "http/session.h"

namespace temperature::http {

Aside::Aside(std::size_t threads, std::size_t first) : count_(threads), first_(first) {}

Aside::~Aside() {
  stop();
}

void Aside::start() {
  for (std::size_t i = 0; i < count_; ++i) {
    threads_.emplace_back([this, number = first_ + i] { run(number); });
  }
}

void Aside::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  woken_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void Aside::take(Session& session) {
  {
    const std::lock_guard lock(mutex_);
    session.next_aside = nullptr;
    (oldest_ == nullptr ? oldest_ : newest_->next_aside) = &session;
    newest_ = &session;
  }
  woken_.notify_one();
}

void Aside::run(std::size_t number) {
  name_thread("http-large");
  while (true) {
    std::unique_lock lock(mutex_);
    woken_.wait(lock, [this] { return stopping_ || oldest_ != nullptr; });
    if (stopping_) return;
    Session& session = *oldest_;
    oldest_ = session.next_aside;
    lock.unlock();
    session.handle_aside(number);
  }
}

}  // namespace temperature::http
