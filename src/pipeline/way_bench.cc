#include <benchmark/benchmark.h>

#include <chrono>
#include <limits>
#include <string>
#include <vector>

#include "accept/acceptor.h"
#include "base/check.h"
#include "base/time.h"
#include "catalogue/catalogue.h"
#include "journal/memory_journal.h"
#include "pipeline/pipeline.h"
#include "window/windows.h"

// What a batch of 1,000 readings costs, one of each of 10,000 sensors a second, where neither a network nor a disk
// takes its share: checks and series look-up on an HTTP thread, windows on the journal's. Argument: rooms.
namespace temperature::pipeline {
namespace {

constexpr std::size_t kSensors = 10'000;
constexpr std::size_t kBatch = 1'000;
constexpr Timestamp kNoon = timestamp_from_ms(1'700'000'000'000);

// A second's readings as a parser finds them, in batches. Consecutive readings are of different rooms.
class Sensors {
 public:
  explicit Sensors(std::size_t rooms) {
    for (std::size_t i = 0; i < kSensors; ++i) {
      rooms_.push_back("room-" + std::to_string(i % rooms));
      sensors_.push_back("sensor-" + std::to_string(i));
    }
  }
  const ingest::Parsed& next() {
    parsed_.readings.resize(kBatch);
    for (std::uint32_t i = 0; i < kBatch; ++i) {
      ingest::RawReading& raw = parsed_.readings[i];
      raw.room = rooms_[at_ + i];
      raw.sensor = sensors_[at_ + i];
      raw.timestamp_ms = to_ms(kNoon) + second_ * 1000;
      raw.value = 20 + static_cast<double>((static_cast<std::uint32_t>(second_) * 7 + i) % 100) / 100;
      raw.index = i;
    }
    at_ = (at_ + kBatch) % kSensors;
    if (at_ == 0) ++second_;
    return parsed_;
  }
  [[nodiscard]] Timestamp now() const { return kNoon + std::chrono::seconds(second_); }

 private:
  std::vector<std::string> rooms_;
  std::vector<std::string> sensors_;
  std::size_t at_ = 0;
  std::int64_t second_ = 0;
  ingest::Parsed parsed_;
};

void accept_batch(benchmark::State& state) {
  Sensors sensors(static_cast<std::size_t>(state.range(0)));
  catalogue::Catalogue catalogue(kSensors);
  const accept::Acceptor acceptor({}, catalogue);
  accept::Memory memory;
  for (auto _ : state) {
    state.PauseTiming();
    const ingest::Parsed& parsed = sensors.next();
    state.ResumeTiming();
    accept::Admission admission = acceptor.accept(parsed, "bench", sensors.now(), nullptr, std::move(memory));
    memory = {std::move(*admission.batch).release(), std::move(admission.indices)};
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kBatch));
}
BENCHMARK(accept_batch)->Arg(1)->Arg(1000);

// Times the windows alone.
class Timed final : public journal::Subscriber, public window::Archive {
 public:
  Result<void> defined(Position, std::span<const catalogue::Definition>) override { return {}; }
  void apply(const Journalled& batch, journal::Submission*) override {
    applied_.clear();
    const auto began = std::chrono::steady_clock::now();
    windows_.apply(batch, *this, applied_);
    took_ = std::chrono::steady_clock::now() - began;
    CHECK(applied_.fresh == kBatch);
  }
  void replace(const JournalledCorrection&, journal::Submission*) override {}
  void remove(const JournalledDeletion&, journal::Submission*) override {}
  Stored stored(std::size_t) override { return {}; }
  [[nodiscard]] std::chrono::duration<double> took() const { return took_; }
  // As a flush does it: what is older than 20 minutes goes.
  void flush() {
    std::vector<window::SlotSample> samples;
    for (const WindowId id : windows_.take_dirty()) {
      samples.clear();
      windows_.take(id, std::numeric_limits<std::size_t>::max(), Position(), samples);
      windows_.settle(id, true, limits::kWindowSpan, kTimestampMax - kTick);
    }
  }

 private:
  window::Windows windows_;
  window::Applied applied_;
  std::chrono::duration<double> took_{};
};

class Sent final : public journal::Submission {
 public:
  using Submission::Submission;
  void finished(Result<Position> outcome) override { CHECK(outcome); }
};

void apply_batch(benchmark::State& state) {
  Sensors sensors(static_cast<std::size_t>(state.range(0)));
  catalogue::Catalogue catalogue(kSensors);
  const accept::Acceptor acceptor({}, catalogue);
  journal::MemoryJournal journal(catalogue);
  Timed windows;
  CHECK(journal.start(Position(), windows));
  std::uint64_t batches = 0;
  for (auto _ : state) {
    Sent sent(std::move(*acceptor.accept(sensors.next(), "bench", sensors.now()).batch));
    journal.append(sent);
    state.SetIterationTime(windows.took().count());
    if (++batches % 100 != 0) continue;
    windows.flush();
    CHECK(journal.release(journal.status().last));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kBatch));
}
BENCHMARK(apply_batch)->Arg(1)->Arg(1000)->UseManualTime();

}  // namespace
}  // namespace temperature::pipeline
