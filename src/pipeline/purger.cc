#include "pipeline/purger.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <utility>

#include "base/thread.h"

namespace temperature::pipeline {
namespace {

constexpr std::chrono::milliseconds kBetweenRounds{100};  // the first time; then twice as long, up to
constexpr std::chrono::milliseconds kBetweenRoundsMax{10'000};
constexpr std::chrono::milliseconds kBetweenLooks{100};

// A record behind all that is to go.
class Mark final : public journal::Submission {
 public:
  explicit Mark(Timestamp now) : Submission(now) {}
  void finished(Result<Position> outcome) override { promise_.set_value(std::move(outcome)); }
  Result<Position> wait() { return promise_.get_future().get(); }

 private:
  std::promise<Result<Position>> promise_;
};

}  // namespace

void Purger::start() {
  thread_ = std::thread([this] { run(); });
}

void Purger::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  woken_.notify_one();
  history_.stop_settling();
  if (thread_.joinable()) thread_.join();
  std::vector<Waiting> left;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    left = std::exchange(waiting_, {});
  }
  for (const Waiting& each : left) tell(each, "the service is stopping; it goes on after the next start");
}

void Purger::take(DeletionOutcome outcome, DeletionListener* listener) {
  const Waiting waiting{std::move(outcome), listener, std::chrono::steady_clock::now() + answer_wait_};
  {
    const std::lock_guard lock(mutex_);
    if (!stopped_) {
      if (listener != nullptr) waiting_.push_back(waiting);
      wanted_ = true;
      pause_ = kBetweenRounds;
      woken_.notify_one();
      return;
    }
  }
  if (listener != nullptr) tell(waiting, "the service is stopping; it goes on after the next start");
}

void Purger::tell(const Waiting& waiting, std::string why) {
  DeletionOutcome outcome = waiting.outcome;
  outcome.purge = DeletionOutcome::Purge{.done = why.empty(), .waits_for = std::move(why)};
  waiting.listener->deleted(std::move(outcome));
}

std::optional<Position> Purger::noted() const {
  const auto notes = history_.purges().list();
  if (notes.empty()) return std::nullopt;
  return notes.back().deletion;
}

void Purger::run() {
  name_thread("purger");
  std::unique_lock lock(mutex_);
  while (true) {
    const Time now = std::chrono::steady_clock::now();
    const bool working = round_thread_.joinable();
    if (working && (round_ || stopping_)) {
      lock.unlock();
      end_round();
      lock.lock();
      continue;
    }
    if (stopping_) return;
    lock.unlock();
    answer(Position(), now);
    const std::optional<Position> upto = working ? std::nullopt : noted();
    if (upto && now >= not_before_) begin_round(*upto);
    lock.lock();
    wanted_ = false;
    const auto something = [this] { return stopping_ || wanted_ || round_.has_value(); };
    if (!upto && !working && waiting_.empty()) {
      woken_.wait(lock, something);
    } else {
      woken_.wait_for(lock, kBetweenLooks, something);
    }
  }
}

void Purger::begin_round(Position upto) {
  round_thread_ = std::thread([this, upto] {
    name_thread("purge");
    auto ended = work(upto);
    const std::lock_guard lock(mutex_);
    round_ = std::move(ended);
    woken_.notify_one();
  });
}

void Purger::end_round() {
  round_thread_.join();
  const Time now = std::chrono::steady_clock::now();
  std::optional<Result<Round>> ended;
  {
    const std::lock_guard lock(mutex_);
    ended = std::exchange(round_, std::nullopt);
    not_before_ = now + pause_;
    pause_ = std::min(2 * pause_, kBetweenRoundsMax);
  }
  const bool failed = !ended->has_value();
  waits_for_ = failed ? ended->error().detail : (*ended)->waits_for;
  if (std::exchange(failing_, failed) != failed && log_) {
    log_(failed ? fmt::format("what was deleted with a purge is still in files, and it is tried again: {}", waits_for_)
                : "purges go on again",
         failed);
  }
  if (!failed) answer((*ended)->done, now);
}

// Those up to `upto` are done; of the others those that waited long enough are told so.
void Purger::answer(Position upto, Time now) {
  std::vector<Waiting> told;
  {
    const std::lock_guard lock(mutex_);
    const auto ready = [&](const Waiting& each) { return each.outcome.position <= upto || each.until <= now; };
    std::ranges::copy_if(waiting_, std::back_inserter(told), ready);
    std::erase_if(waiting_, ready);
  }
  for (const Waiting& each : told) {
    const bool done = each.outcome.position <= upto;
    tell(each, done ? std::string() : (waits_for_.empty() ? "the files are being written anew" : waits_for_));
  }
}

// The journal never lets its last commit go, and whoever deleted may have been the last to write.
Result<void> Purger::set_mark(Position upto) {
  if (marked_for_ >= upto || journal_.status().released >= upto) return {};
  Mark mark(clock_.now());
  journal_.append(mark);
  auto position = mark.wait();
  if (!position) return std::unexpected(std::move(position.error()));
  marked_ = *position;
  marked_for_ = upto;  // all of that was delivered before: the mark is in a later group
  return {};
}

Result<Purger::Round> Purger::work(Position upto) {
  if (auto marked = set_mark(upto); !marked) return std::unexpected(std::move(marked.error()));
  if (history_.safe_position() < marked_) {
    if (auto flushed = flusher_.flush(); !flushed) return std::unexpected(std::move(flushed.error()));
    if (history_.safe_position() < marked_) return Round{{}, "the history takes what came in meanwhile"};
  }
  const auto history = history_.purges().work(upto);
  if (!history) return std::unexpected(history.error());
  if (!*history)
    return Round{{},
                 "the history's former files are still there: somebody reads them, or they are about to be deleted"};
  Round round;
  const auto free = flusher_.let_go(upto, round.waits_for);
  if (!free) return std::unexpected(free.error());
  for (const history::PurgeNote& note : history_.purges().list()) {
    if (note.deletion <= std::min(upto, *free)) round.done = note.deletion;
  }
  if (round.done == Position()) return round;
  const auto journal = journal_.purge(round.done);
  if (!journal) return std::unexpected(journal.error());
  if (!*journal)
    return Round{{},
                 "the journal's former files are still there: somebody reads them, or they are about to be deleted"};
  if (auto done = history_.purges().done(round.done); !done) return std::unexpected(std::move(done.error()));
  return round;
}

}  // namespace temperature::pipeline
