#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <string>
#include <thread>
#include <vector>

namespace temperature::http {

class Session;

using Executor = boost::asio::io_context::executor_type;
using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;

// One thread with its event loop and the connections that it serves. Everything but completed(),
// post_drain() and post_close() happens on that thread.
class Worker {
 public:
  explicit Worker(std::size_t number);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void start();
  // Instead of start(): the caller's thread is the worker's, and runs context() itself. For tests, which so decide when
  // something happens.
  void start_here();
  void join();  // after post_close()

  [[nodiscard]] boost::asio::io_context& context() { return context_; }
  [[nodiscard]] std::size_t number() const { return number_; }
  [[nodiscard]] bool is_this_thread() const { return std::this_thread::get_id() == id_; }
  [[nodiscard]] std::chrono::steady_clock::time_point now() const { return now_; }  // to the sweep's second
  [[nodiscard]] const std::string& date() const { return date_; }  // for the header, to the sweep's second

  // A session's answer is complete. Any thread, without a lock; one wake-up for many.
  void completed(Session& session);

  // No more requests: idle connections close, the others after their answer. Any thread.
  void post_drain();
  // Closes every connection and ends the loop. Any thread.
  void post_close();

  void add(Session& session);
  void remove(Session& session);
  [[nodiscard]] std::size_t sessions() const { return count_.load(std::memory_order_relaxed); }
  // When the loop last swept, which it does every second while nothing holds it up. Any thread.
  [[nodiscard]] std::chrono::steady_clock::time_point last_sweep() const {
    return std::chrono::steady_clock::time_point(
        std::chrono::steady_clock::duration(swept_.load(std::memory_order_relaxed)));
  }
  [[nodiscard]] bool draining() const { return draining_; }

 private:
  bool run();  // until it is closed; false: there was no memory for what one connection needed
  void sweep();
  void take_completed();

  const std::size_t number_;
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<Executor> work_;
  boost::asio::basic_waitable_timer<std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>,
                                    Executor>
      timer_;
  std::thread thread_;
  std::thread::id id_;  // of the thread that runs context_; set before there is a session
  std::chrono::steady_clock::time_point now_;
  std::string date_;
  std::vector<Session*> sessions_;
  std::atomic<std::size_t> count_{0};
  std::atomic<Session*> completed_{nullptr};  // newest first
  std::atomic<std::chrono::steady_clock::rep> swept_;
  bool draining_ = false;
};

}  // namespace temperature::http
