#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace temperature::limits {

// Threads that answer the questions that need the history.
inline constexpr std::size_t kReaderThreads = 2;
// Questions that wait for those threads; a further one is refused (overloaded).
inline constexpr std::size_t kReadersQueueMax = 256;

}  // namespace temperature::limits

namespace temperature::doors {

// A few threads for the questions that take a while, so that they keep no connection's thread from its others.
// First come, first served. Thread-safe.
class Readers {
 public:
  using Question = std::function<void()>;

  explicit Readers(std::size_t threads = limits::kReaderThreads);
  ~Readers();  // stop()
  Readers(const Readers&) = delete;
  Readers& operator=(const Readers&) = delete;

  // Has it answered soon. False, and the question was not taken, when limits::kReadersQueueMax wait, or after stop().
  [[nodiscard]] bool ask(Question question);

  // The same for the rest of an answer that has begun, of which no connection has more than one: taken even when
  // many wait. Dropped after stop().
  void go_on(Question question);

  // Ends after the questions under way; those that wait are dropped. Idempotent.
  void stop();

  // Figures. Wait-free.
  [[nodiscard]] std::size_t waiting() const { return waiting_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }

 private:
  void run();
  bool take(Question question, std::size_t queue_max);

  std::mutex mutex_;
  std::condition_variable woken_;
  std::deque<Question> queue_;
  bool stopping_ = false;
  std::atomic<std::size_t> waiting_{0};
  std::atomic<std::uint64_t> refused_{0};
  std::vector<std::thread> threads_;
};

}  // namespace temperature::doors
