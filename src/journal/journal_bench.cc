#include <benchmark/benchmark.h>

#include <array>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "accept/acceptor.h"
#include "base/check.h"
#include "journal/record.h"
#include "journal/rocks_journal.h"

// What the journal costs: appending with a sync before the answer, and decoding on recovery.
// The folder lies in TMPDIR (/tmp): where that is memory, a sync costs nothing and the figure says nothing.
namespace temperature::journal {
namespace {

constexpr Timestamp kNoon = timestamp_from_ms(1'700'000'000'000);

class Nobody final : public Subscriber {
 public:
  Result<void> defined(Position, std::span<const catalogue::Definition>) override { return {}; }
  void apply(const Journalled& batch, Submission*) override { benchmark::DoNotOptimize(&batch); }
  void replace(const JournalledCorrection&, Submission*) override {}
  void remove(const JournalledDeletion&, Submission*) override {}
};

class Waiting final : public Submission {
 public:
  explicit Waiting(Accepted batch) : Submission(std::move(batch)) {}
  void finished(Result<Position> outcome) override {
    CHECK(outcome);
    const std::lock_guard lock(mutex_);
    done_ = true;
    arrived_.notify_one();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [this] { return done_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  bool done_ = false;
};

// Batches of readings of a room's sensors, once a second each.
class Sensors {
 public:
  catalogue::Catalogue catalogue{100'000};

  Accepted batch(std::size_t readings) {
    std::vector<std::string> names;
    names.reserve(readings);
    ingest::Parsed parsed;
    ++second_;
    for (std::size_t i = 0; i < readings; ++i) {
      ingest::RawReading raw;
      raw.room = "hall";
      raw.sensor = names.emplace_back("sensor " + std::to_string(i));
      raw.timestamp_ms = to_ms(kNoon);
      raw.value = 20 + static_cast<double>((second_ * 7 + i) % 100) / 100;
      parsed.readings.push_back(raw);
    }
    return std::move(*acceptor_.accept(parsed, "bench", kNoon).batch);
  }

 private:
  accept::Acceptor acceptor_{{}, catalogue};
  std::uint64_t second_ = 0;
};

// Arguments: readings in a batch, batches that wait together for one sync.
void append_synced(benchmark::State& state) {
  const auto readings = static_cast<std::size_t>(state.range(0));
  const auto together = static_cast<std::size_t>(state.range(1));
  std::string folder = (std::filesystem::temp_directory_path() / "journal-bench-XXXXXX").string();
  CHECK(mkdtemp(folder.data()) != nullptr);
  {
    Sensors sensors;
    Nobody nobody;
    auto journal = RocksJournal::open({.path = folder, .env = nullptr, .log = {}}, sensors.catalogue);
    CHECK(journal && (*journal)->start(Position(), nobody));
    for (auto _ : state) {
      state.PauseTiming();
      std::vector<std::unique_ptr<Waiting>> batches;
      for (std::size_t i = 0; i < together; ++i) batches.push_back(std::make_unique<Waiting>(sensors.batch(readings)));
      state.ResumeTiming();
      for (const auto& batch : batches) (*journal)->append(*batch);
      for (const auto& batch : batches) batch->wait();
      state.PauseTiming();
      batches.clear();
      if (state.iterations() % 64 == 0) CHECK((*journal)->release((*journal)->status().last));
      state.ResumeTiming();
    }
    const auto syncs = (*journal)->figures().sync_ns.snapshot();
    state.counters["sync_us"] = static_cast<double>(syncs.sum) / 1e3 / static_cast<double>(syncs.count);
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(readings * together));
    state.SetBytesProcessed(static_cast<std::int64_t>((*journal)->figures().bytes.load()));
  }
  std::filesystem::remove_all(folder);
}
BENCHMARK(append_synced)->Args({1, 1})->Args({1, 64})->Args({1000, 1})->Args({1000, 8})->UseRealTime();

void decode(benchmark::State& state) {
  Sensors sensors;
  const std::string record = encode_readings(sensors.batch(static_cast<std::size_t>(state.range(0))));
  const std::string group = encode_group_header(Position(1), 1) + encode_record_header(Position(1), record) + record;
  Record decoded;
  for (auto _ : state) {
    auto reader = GroupReader::open(group);
    CHECK(reader && reader->next(decoded));
    benchmark::DoNotOptimize(decoded.readings.values.data());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(group.size()));
}
BENCHMARK(decode)->Arg(1)->Arg(1000)->Arg(100'000);

void encode(benchmark::State& state) {
  Sensors sensors;
  const Accepted batch = sensors.batch(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    const std::string record = encode_readings(batch);
    benchmark::DoNotOptimize(record.data());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(encode)->Arg(1)->Arg(1000);

}  // namespace
}  // namespace temperature::journal
