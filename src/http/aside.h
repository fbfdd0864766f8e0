#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <thread>
#include <vector>

namespace temperature::http {

class Session;

// The threads that handle requests with large bodies, so that no other request of a connection's thread waits
// meanwhile. First come, first served. There wait as many as there are connections at most.
class Aside {
 public:
  // They are numbered from `first` on: Exchange::thread.
  Aside(std::size_t threads, std::size_t first);
  ~Aside();  // stop()
  Aside(const Aside&) = delete;
  Aside& operator=(const Aside&) = delete;

  void start();
  // Ends after the requests under way; those that wait are left to their sessions. Idempotent.
  void stop();

  // Has the session handle its request soon. The session lives until then. Any thread.
  void take(Session& session);

 private:
  void run(std::size_t number);

  const std::size_t count_;
  const std::size_t first_;
  std::mutex mutex_;
  std::condition_variable woken_;
  Session* oldest_ = nullptr;
  Session* newest_ = nullptr;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace temperature::http
