#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/error.h"
#include "catalogue/catalogue.h"
#include "history/history.h"
#include "model/retention.h"

namespace temperature::pipeline {

// Has the history forget what is older than the retention, in the background: at the start, then every hour. Readers
// leave out what is too old whether it is forgotten yet or not.
class Keeper {
 public:
  // `log` is told what goes wrong; it may be empty.
  Keeper(const catalogue::Catalogue& catalogue, history::History& history, Retention retention, const Clock& clock,
         std::function<void(const std::string& what, bool grave)> log);
  ~Keeper();  // stop()
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;

  void start();
  void stop();  // REQUIRES: History::stop_settling() was called, or may be waited for; idempotent

  // Once, now. Any thread; one at a time.
  Result<void> expire();

 private:
  void run();
  [[nodiscard]] Timestamp keep_from(SeriesId series, Timestamp now) const;

  const catalogue::Catalogue& catalogue_;
  history::History& history_;
  const Retention retention_;
  const Clock& clock_;
  const std::function<void(const std::string& what, bool grave)> log_;

  std::mutex expire_mutex_;             // one at a time; guards what follows
  std::map<Duration, Timestamp> done_;  // by length: up to where all of that length was forgotten

  std::mutex mutex_;
  std::condition_variable woken_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace temperature::pipeline
