#include "pipeline/keeper.h"

#include <chrono>
#include <utility>

#include "base/thread.h"
#include "base/time.h"

namespace temperature::limits {

// Hours between two times that the history forgets readings older than the retention.
inline constexpr std::chrono::hours kBetweenExpiries{1};

}  // namespace temperature::limits

namespace temperature::pipeline {

Keeper::Keeper(const catalogue::Catalogue& catalogue, history::History& history, Retention retention,
               const Clock& clock, std::function<void(const std::string& what, bool grave)> log)
    : catalogue_(catalogue), history_(history), retention_(std::move(retention)), clock_(clock), log_(std::move(log)) {}

Keeper::~Keeper() {
  stop();
}

void Keeper::start() {
  if (!retention_.for_ever()) thread_ = std::thread([this] { run(); });
}

void Keeper::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  woken_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Keeper::run() {
  name_thread("keeper");
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    if (auto expired = expire(); !expired && log_) {
      log_("readings that are older than the retention stay on the disk: " + expired.error().detail, /*grave=*/true);
    }
    lock.lock();
    woken_.wait_for(lock, limits::kBetweenExpiries, [this] { return stopping_; });
  }
}

// The longest length first: what goes then lies in front, and no other has to pass over it. With several lengths
// each passes once over all that is kept for longer; later only over what has come of age meanwhile.
Result<void> Keeper::expire() {
  const std::lock_guard one_at_a_time(expire_mutex_);
  const Timestamp now = clock_.now();
  for (const Duration length : retention_.lengths()) {
    const Timestamp upto = now - length;
    const auto done = done_.find(length);
    const Timestamp after = done == done_.end() ? kTimestampMin : done->second;
    auto expired = history_.expire(after, upto, [this, now](SeriesId series) { return keep_from(series, now); });
    if (!expired) return expired;
    done_[length] = upto;
  }
  return {};
}

Timestamp Keeper::keep_from(SeriesId series, Timestamp now) const {
  return retention_.keep_from(catalogue_.window(catalogue_.place(series).window).quantity, now);
}

}  // namespace temperature::pipeline
