#include "http/worker.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <new>

#include "base/check.h"
#include "base/thread.h"
#include "http/response_head.h"
#include "http/session.h"

namespace temperature::http {
namespace {

constexpr std::chrono::seconds kSweepInterval{1};

}  // namespace

Worker::Worker(std::size_t number)
    : number_(number),
      work_(boost::asio::make_work_guard(context_)),
      timer_(context_.get_executor()),
      now_(std::chrono::steady_clock::now()),
      swept_(now_.time_since_epoch().count()) {}

Worker::~Worker() {
  CHECK(!thread_.joinable());
  // Answers that came after the end: nobody waits for them any more.
  while (!sessions_.empty()) sessions_.back()->abandon();
}

void Worker::start() {
  thread_ = std::thread([this] {
    name_thread("http");
    start_here();
    while (!run()) {  // the connection whose turn it was is closed by that; the others go on
    }
  });
}

bool Worker::run() {
  try {
    context_.run();
  } catch (const std::bad_alloc&) {
    return false;
  }
  return true;
}

void Worker::start_here() {
  id_ = std::this_thread::get_id();
  sweep();
}

void Worker::join() {
  if (thread_.joinable()) thread_.join();
}

void Worker::completed(Session& session) {
  Session* newest = completed_.load(std::memory_order_relaxed);
  do {
    session.next_completed = newest;
  } while (!completed_.compare_exchange_weak(newest, &session, std::memory_order_release, std::memory_order_relaxed));
  if (newest == nullptr) boost::asio::post(context_, [this] { take_completed(); });
}

void Worker::take_completed() {
  Session* session = completed_.exchange(nullptr, std::memory_order_acquire);
  Session* oldest = nullptr;
  while (session != nullptr) {
    Session* const next = session->next_completed;
    session->next_completed = oldest;
    oldest = session;
    session = next;
  }
  while (oldest != nullptr) {
    Session* const next = oldest->next_completed;
    try {
      oldest->answer();
    } catch (const std::bad_alloc&) {
      oldest->close();
    }
    oldest = next;
  }
}

void Worker::post_drain() {
  boost::asio::post(context_, [this] {
    draining_ = true;
    for (Session* session : sessions_) session->drain();
  });
}

void Worker::post_close() {
  boost::asio::post(context_, [this] {
    draining_ = true;
    for (Session* session : sessions_) session->close();
    timer_.cancel();
    work_.reset();
  });
}

void Worker::add(Session& session) {
  session.list_index = sessions_.size();
  sessions_.push_back(&session);
  count_.store(sessions_.size(), std::memory_order_relaxed);
}

void Worker::remove(Session& session) {
  Session* const last = sessions_.back();
  sessions_[session.list_index] = last;
  last->list_index = session.list_index;
  sessions_.pop_back();
  count_.store(sessions_.size(), std::memory_order_relaxed);
}

void Worker::sweep() {
  now_ = std::chrono::steady_clock::now();
  swept_.store(now_.time_since_epoch().count(), std::memory_order_relaxed);
  const auto date = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  date_ = http_date(date.time_since_epoch().count());
  for (Session* session : sessions_) session->sweep(now_);
  timer_.expires_after(kSweepInterval);
  timer_.async_wait([this](boost::system::error_code error) {
    if (!error && work_.owns_work()) sweep();
  });
}

}  // namespace temperature::http
