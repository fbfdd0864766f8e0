#include "pipeline/keeper.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/thread.h"
#include "base/time.h"

namespace temperature::limits {

// Hours between two times that the history forgets readings older than the retention.
inline constexpr std::chrono::hours kBetweenExpiries{1};
// Seconds between two looks at the clock.
inline constexpr std::chrono::seconds kClockLooks{1};
// Seconds after which the time is noted again; a service that is killed knows it up to then.
inline constexpr std::chrono::seconds kBetweenNotes{60};
// Hours by which the bound of what is kept may move at once without being said first.
inline constexpr Duration kUnsaidMax = std::chrono::hours(24);

}  // namespace temperature::limits

namespace temperature::pipeline {
namespace {

constexpr Duration kDay = std::chrono::hours(24);

// "for 400d", "for ever, co2=30d"
std::string how_long(const Retention& retention) {
  return retention.others() == Duration(0) ? retention.text() : "for " + retention.text();
}

// The quantities that either names, and empty for all others.
std::vector<std::string> quantities_of(const Retention& one, const Retention& other) {
  std::vector<std::string> quantities{std::string()};
  for (const Retention* retention : {&one, &other}) {
    for (const auto& [quantity, length] : retention->own()) quantities.push_back(quantity);
  }
  return quantities;
}

// Whether there is a quantity of which `now` keeps more than `before`.
bool keeps_more(const Retention& now, const Retention& before) {
  return std::ranges::any_of(quantities_of(now, before), [&](const std::string& quantity) {
    const Duration its = now.of(quantity);
    const Duration its_before = before.of(quantity);
    return its_before != Duration(0) && (its == Duration(0) || its > its_before);
  });
}

}  // namespace

Keeper::Keeper(const catalogue::Catalogue& catalogue, history::History& history, KnownTime& time,
               const ServiceState& state, KeeperOptions options)
    : catalogue_(catalogue), history_(history), time_(time), state_(state), options_(std::move(options)) {}

Keeper::~Keeper() {
  stop();
}

void Keeper::say(const std::string& what, bool grave) const {
  if (options_.log) options_.log(what, grave);
}

void Keeper::start(std::optional<Timestamp> newest, Duration max_ahead) {
  {
    const std::lock_guard lock(expire_mutex_);
    if (options_.notes != nullptr) keeping_ = options_.notes->found().value_or(Keeping());
    const Timestamp clock = time_.look().clock;
    // What is ahead of the clock no further than a sender may be says nothing against it.
    if (!keeping_.known && newest && (*newest <= clock || *newest - clock > max_ahead)) keeping_.known = *newest;
    if (keeping_.known) time_.begin(*keeping_.known);
    if (options_.clock_is_right && keeping_.known) {
      say(fmt::format(
          "the clock says {} and is right, says --clock-is-right; the last time that was known was {}. Leave "
          "it out of later starts",
          format_timestamp(clock), format_timestamp(*keeping_.known)));
    }
    if (options_.clock_is_right) time_.confirm();
    begin_keeping();
  }
  look();
  thread_ = std::thread([this] { run(); });
}

// What holds from this start on. REQUIRES: expire_mutex_ is held.
void Keeper::begin_keeping() {
  const Retention& retention = options_.retention;
  if (keeping_.retention && *keeping_.retention != retention) {
    say(fmt::format("readings are kept {} from now on; they were kept {}", how_long(retention),
                    how_long(*keeping_.retention)));
  } else {
    say(fmt::format("readings are kept {}", how_long(retention)));
  }
  keeping_.retention = retention;
  // What is taken from now on may lie before the bound up to which everything was forgotten.
  if (keeping_.forgotten && keeps_more(retention, keeping_.forgotten->retention)) keeping_.forgotten.reset();
  const auto remember = [this](const std::string& quantity, Duration length) {
    if (length == Duration(0) || length >= kDay) return;
    Duration& shortest = keeping_.shortest.try_emplace(quantity, length).first->second;
    shortest = std::min(shortest, length);
  };
  remember({}, retention.others());
  for (const auto& [quantity, length] : retention.own()) remember(quantity, length);
  if (keeping_.notice && keeping_.notice->cut.retention != retention) {
    say("what was to be forgotten, and was said first, is looked at anew: the retention is another");
    keeping_.notice.reset();
  }
  if (keeping_.notice) {
    say(fmt::format("{} readings that are older than the retention are forgotten for good in {}, as was said before",
                    keeping_.notice->readings,
                    format_duration(std::chrono::ceil<std::chrono::seconds>(keeping_.notice->left))));
  }
  changed_ = true;
  began_ = true;
  counted_ = Steady::now();
}

void Keeper::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  woken_.notify_one();
  if (!thread_.joinable()) return;
  thread_.join();
  const std::lock_guard lock(expire_mutex_);
  time_.learn();
  count_down();
  note();
}

void Keeper::run() {
  name_thread("keeper");
  std::unique_lock lock(mutex_);
  Steady::time_point next = Steady::now();
  while (!stopping_) {
    const bool due = std::exchange(due_, false) || Steady::now() >= next;
    lock.unlock();
    if (due && !options_.retention.for_ever()) {
      next = Steady::now() + limits::kBetweenExpiries;
      if (auto expired = expire(); !expired) {
        say("readings that are older than the retention stay on the disk: " + expired.error().detail, /*grave=*/true);
      }
    }
    look();
    lock.lock();
    woken_.wait_for(lock, limits::kClockLooks, [this] { return stopping_; });
  }
}

void Keeper::look() {
  const std::lock_guard one_at_a_time(expire_mutex_);
  const bool waited = keeping_.notice && keeping_.notice->left > Duration(0);
  const KnownTime::Look now = time_.learn();
  const bool became_right = said_ != ClockState::right && now.state == ClockState::right;
  say_clock(now);
  count_down();
  const bool over = waited && keeping_.notice->left == Duration(0);
  if (became_right || over) {
    const std::lock_guard lock(mutex_);
    due_ = true;
    changed_ = true;
  }
  if (changed_ || became_right || Steady::now() - noted_ >= limits::kBetweenNotes) note();
}

// Each change once. REQUIRES: expire_mutex_ is held.
void Keeper::say_clock(const KnownTime::Look& look) {
  const ClockState before = std::exchange(said_, look.state);
  if (const auto vouchers = time_.take_vouchers(); !vouchers.empty()) {
    say(fmt::format("the clock is right: the timestamps of {} agree with it", fmt::join(vouchers, ", ")));
  } else if (before != look.state) {
    look.state == ClockState::right ? say(fmt::format("the clock is right again: {}", format_timestamp(look.clock)))
                                    : say(look.words(), /*grave=*/true);
  }
}

// REQUIRES: expire_mutex_ is held.
void Keeper::note() {
  if (options_.notes == nullptr || !began_ || state_.folder_lost()) return;
  const Timestamp known = time_.look().known;
  Keeping keeping = keeping_;
  if (known != kTimestampMin) keeping.known = known;
  const auto noted = options_.notes->note(keeping);
  noted_ = Steady::now();
  if (!noted && !std::exchange(note_failed_, true)) {
    say("the time cannot be noted, so the next start may not believe its clock: " + noted.error().detail,
        /*grave=*/true);
  }
  if (!noted) return;
  note_failed_ = false;
  changed_ = false;
}

// By the monotonic clock, so that no clock that is set anew shortens a wait. REQUIRES: expire_mutex_ is held.
void Keeper::count_down() {
  const Steady::time_point now = Steady::now();
  const auto passed = std::chrono::floor<Duration>(now - counted_);
  counted_ += passed;
  if (keeping_.notice) keeping_.notice->left = std::max(Duration(0), keeping_.notice->left - passed);
  figures_.waiting_ms.store(keeping_.notice ? keeping_.notice->left.count() : 0, std::memory_order_relaxed);
  figures_.waiting_readings.store(keeping_.notice ? keeping_.notice->readings : 0, std::memory_order_relaxed);
}

Result<void> Keeper::expire() {
  const std::lock_guard one_at_a_time(expire_mutex_);
  if (options_.retention.for_ever() || time_.learn().state != ClockState::right) return {};
  const Timestamp now = time_.now();
  count_down();
  const auto may = may_forget(now);
  if (!may) return std::unexpected(may.error());
  return *may ? forget(now) : Result<void>();
}

// Whether the first moment that is kept, of some quantity, lies far behind the one up to which all is forgotten.
bool Keeper::leaps(const Keeping::Cut& cut) const {
  const Retention none;
  const auto quantities = quantities_of(cut.retention, keeping_.forgotten ? keeping_.forgotten->retention : none);
  return std::ranges::any_of(quantities, [&](const std::string& quantity) {
    const Timestamp before = keeping_.forgotten ? keeping_.forgotten->keep_from(quantity) : kTimestampMin;
    const Timestamp from = cut.keep_from(quantity);
    return from != kTimestampMin && from > before + limits::kUnsaidMax;
  });
}

Result<bool> Keeper::may_forget(Timestamp now) {
  const Keeping::Cut cut{now, options_.retention};
  if (options_.notice_wait == Duration(0) || !leaps(cut)) return true;
  if (keeping_.notice) {
    const Keeping::Cut& said = keeping_.notice->cut;
    const bool same = said.retention == cut.retention && now >= said.at - limits::kClockBehindMax &&
                      now - said.at <= limits::kUnsaidMax;
    if (same) return keeping_.notice->left == Duration(0);
  }
  if (auto flushed = options_.flush ? options_.flush() : Result<void>(); !flushed) {
    return std::unexpected(std::move(flushed.error()));
  }
  const auto weight = history_.weigh(now - options_.retention.lengths().back(),
                                     [this, now](SeriesId series) { return keep_from(series, now); });
  if (!weight) return std::unexpected(weight.error());
  if (state_.phase() == ServiceState::Phase::stopping) return false;  // it may not have been counted to the end
  if (!weight->counts()) return true;
  announce(now, *weight);
  return false;
}

void Keeper::announce(Timestamp now, const history::Weight& weight) {
  keeping_.notice = {{now, options_.retention}, weight.readings, options_.notice_wait};
  changed_ = true;
  counted_ = Steady::now();
  count_down();
  say(fmt::format(
          "{} of {} readings in the history are older than the retention ({}), and are forgotten for good in {}: a "
          "start with a longer --retention before then keeps them",
          weight.readings, weight.all, options_.retention.text(), format_duration(options_.notice_wait)),
      /*grave=*/true);
  note();
}

// The longest length first: what goes then lies in front, and no other has to pass over it. With several lengths
// each passes once over all that is kept for longer; later only over what has come of age meanwhile.
Result<void> Keeper::forget(Timestamp now) {
  const std::uint64_t before = history_.figures().readings_expired.load();
  for (const Duration length : options_.retention.lengths()) {
    const Timestamp upto = now - length;
    const auto done = done_.find(length);
    const Timestamp after = done == done_.end() ? kTimestampMin : std::min(done->second, upto);
    auto expired = history_.expire(after, upto, [this, now](SeriesId series) { return keep_from(series, now); });
    if (!expired) return expired;
    done_[length] = upto;
  }
  keeping_.forgotten = {now, options_.retention};
  changed_ = changed_ || keeping_.notice.has_value();
  keeping_.notice.reset();
  count_down();
  if (options_.forgotten) options_.forgotten();
  const std::uint64_t gone = history_.figures().readings_expired.load() - before;
  if (gone == 0) return {};
  changed_ = true;
  std::string upto;
  for (const Duration length : options_.retention.lengths()) {
    upto += fmt::format("{}{} ({})", upto.empty() ? "" : ", ", format_timestamp(now - length), format_duration(length));
  }
  say(fmt::format("forgot {} readings that were older than the retention: those before {}", gone, upto));
  return {};
}

Timestamp Keeper::keep_from(SeriesId series, Timestamp now) const {
  return options_.retention.keep_from(catalogue_.window(catalogue_.place(series).window).quantity, now);
}

}  // namespace temperature::pipeline
