#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "answer/history.h"
#include "answer/render.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/time.h"
#include "history/rocks_history.h"
#include "journal/memory_journal.h"
#include "pipeline/pipeline.h"

// What questions about the past cost, by data that lies on disk: a year of a room of ten sensors at 1 Hz (315 million
// readings), and six hours of a room of two thousand. Writing them takes a minute, into TMPDIR (/tmp); where READ_BENCH
// names a folder they are kept there, and found again.
namespace temperature::pipeline {
namespace {

using answer::Aggregate;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Timestamp kBegin = timestamp_from_ms(1'672'531'200'000);  // 2023-01-01
constexpr Duration kYear = days(365);
constexpr Duration kMorning = hours(6);
constexpr std::uint32_t kYearSensors = 10;
constexpr std::uint32_t kHallSensors = 2'000;

class Stopped final : public Clock {
 public:
  [[nodiscard]] Timestamp now() const override { return kBegin + 2 * kYear; }
};

// Slow drift with two decimals, as sensors send it.
history::Run stretch_of(std::uint32_t series, Timestamp from, Timestamp to) {
  std::mt19937 random(series * 7'919 + static_cast<std::uint32_t>(to_ms(from) / 1'000));
  history::Run run{SeriesId(series), {}};
  run.samples.reserve(static_cast<std::size_t>((to - from) / seconds(1)));
  int hundredths = 2'000 + static_cast<int>(series % 500);
  for (Timestamp at = from; at < to; at += seconds(1)) {
    const auto chance = random() % 4;
    hundredths += chance == 0 ? 1 : chance == 1 ? -1 : 0;
    run.samples.push_back({at, hundredths / 100.0});
  }
  return run;
}

// Everything that answers, over a store that is on disk.
class Store {
 public:
  static Store& the() {
    static Store store;
    return store;
  }

  const ReadPath& reads() { return pipeline_->read_path(); }

 private:
  Store() {
    const char* kept = std::getenv("READ_BENCH");
    folder_ = kept != nullptr ? std::filesystem::path(kept) : std::filesystem::temp_directory_path() / "read-bench";
    keep_ = kept != nullptr;
    std::filesystem::create_directories(folder_);
    history_ = std::move(*history::RocksHistory::open({folder_, nullptr}));
    if (history_->definitions_stored() == 0) write();
    pipeline_ = std::make_unique<Pipeline>(PipelineOptions(), clock_, catalogue_, journal_, *history_);
    CHECK(pipeline_->start());
  }
  ~Store() {
    pipeline_.reset();
    history_.reset();
    if (!keep_) std::filesystem::remove_all(folder_);
  }

  void write() {
    std::vector<catalogue::Definition> definitions;
    const auto define = [&](const char* room, std::uint32_t sensor) {
      const SeriesId id(static_cast<std::uint32_t>(definitions.size()));
      definitions.emplace_back(catalogue::SeriesDefined{id, "main", room, "s" + std::to_string(sensor), "temperature"});
    };
    for (std::uint32_t i = 0; i < kYearSensors; ++i) define("year", i);
    for (std::uint32_t i = 0; i < kHallSensors; ++i) define("hall", i);
    for (Timestamp from = kBegin; from < kBegin + kYear; from += hours(6)) {
      for (std::uint32_t i = 0; i < kYearSensors; ++i) put(stretch_of(i, from, from + hours(6)));
    }
    for (std::uint32_t i = 0; i < kHallSensors; ++i) {
      put(stretch_of(kYearSensors + i, kBegin, kBegin + kMorning));
    }
    CHECK(history_->commit(Position(), 0, definitions));
    CHECK(history_->settle());
  }
  void put(const history::Run& run) { CHECK(history_->write(std::span(&run, 1))); }

  std::filesystem::path folder_;
  bool keep_ = false;
  Stopped clock_;
  catalogue::Catalogue catalogue_{100'000};
  journal::MemoryJournal journal_{catalogue_};
  std::unique_ptr<history::RocksHistory> history_;
  std::unique_ptr<Pipeline> pipeline_;
};

// All pages of a range, rendered; the range begins another day in each round, so that no cache knows it.
void ask_history(benchmark::State& state, Duration range, Duration step, Duration beside,
                 const std::vector<Aggregate>& aggregates) {
  std::uint64_t readings = 0;
  std::uint64_t pages = 0;
  int round = 0;
  for (auto _ : state) {
    const Duration later = range < kYear ? days(17) * (++round % 20) : Duration(0);
    answer::HistoryQuery query{.building = "main",
                               .rooms = {"year"},
                               .sensor = std::nullopt,
                               .quantity = "temperature",
                               .from = kBegin + later + beside,
                               .to = kBegin + later + beside + range,
                               .step = step,
                               .aggregates = aggregates,
                               .limit = limits::kHistoryBucketsMax};
    for (bool more = true; more; ++pages) {
      const auto page = Store::the().reads().history(query);
      CHECK(page);
      std::string text;
      answer::render_json(text, query, *page);
      benchmark::DoNotOptimize(text);
      for (const auto& bucket : page->buckets) readings += bucket.count;
      query.after = page->next;
      more = page->next.has_value();
    }
  }
  state.counters["readings/s"] = benchmark::Counter(static_cast<double>(readings), benchmark::Counter::kIsRate);
  state.counters["pages"] = benchmark::Counter(static_cast<double>(pages), benchmark::Counter::kAvgIterations);
}

const std::vector<Aggregate> kUsual{Aggregate::mean, Aggregate::min, Aggregate::max, Aggregate::count};

void day_in_5_minutes(benchmark::State& state) {
  ask_history(state, days(1), minutes(5), Duration(0), kUsual);
}
BENCHMARK(day_in_5_minutes)->Unit(benchmark::kMillisecond);

// Buckets that begin at no round time cut frames in two.
void day_in_5_minutes_from_anywhere(benchmark::State& state) {
  ask_history(state, days(1), minutes(5), Duration(123'456), kUsual);
}
BENCHMARK(day_in_5_minutes_from_anywhere)->Unit(benchmark::kMillisecond);

void day_in_5_minutes_with_deviation(benchmark::State& state) {
  ask_history(state, days(1), minutes(5), Duration(0), {Aggregate::stddev});
}
BENCHMARK(day_in_5_minutes_with_deviation)->Unit(benchmark::kMillisecond);

void year_in_1_hour(benchmark::State& state) {
  ask_history(state, kYear, hours(1), Duration(0), kUsual);
}
BENCHMARK(year_in_1_hour)->Unit(benchmark::kMillisecond);

void year_in_1_day(benchmark::State& state) {
  ask_history(state, kYear, days(1), Duration(0), kUsual);
}
BENCHMARK(year_in_1_day)->Unit(benchmark::kMillisecond);

void year_in_1_hour_from_anywhere(benchmark::State& state) {
  ask_history(state, kYear - hours(1), hours(1), Duration(123'456), kUsual);
}
BENCHMARK(year_in_1_hour_from_anywhere)->Unit(benchmark::kMillisecond)->Iterations(1);

void average(benchmark::State& state) {
  std::mt19937 random(1);
  std::uint64_t readings = 0;
  for (auto _ : state) {
    const Timestamp at = kBegin + kYear - Duration(random() % 86'400'000U);
    const answer::AverageQuery query{"main", "year", std::nullopt, "temperature", hours(state.range(0)), at};
    const auto average = Store::the().reads().average(query);
    CHECK(average);
    readings += average->count;
  }
  state.counters["readings/s"] = benchmark::Counter(static_cast<double>(readings), benchmark::Counter::kIsRate);
}
BENCHMARK(average)->ArgName("hours")->Arg(1)->Arg(24)->Arg(30 * 24)->Arg(360 * 24)->Unit(benchmark::kMillisecond);

// A page of raw readings, somewhere in the range.
void page(benchmark::State& state, const char* room, Duration range) {
  std::mt19937 random(1);
  std::uint64_t readings = 0;
  for (auto _ : state) {
    answer::ReadingsQuery query;
    query.building = "main";
    query.room = room;
    query.quantity = "temperature";
    query.from = kBegin + Duration(static_cast<std::int64_t>(random()) % (range - hours(2)).count());
    query.limit = static_cast<std::size_t>(state.range(0));
    const auto page = Store::the().reads().readings(query);
    CHECK(page && page->rows.size() == query.limit);
    readings += page->rows.size();
  }
  state.counters["readings/s"] = benchmark::Counter(static_cast<double>(readings), benchmark::Counter::kIsRate);
}
void page_of_ten_sensors(benchmark::State& state) {
  page(state, "year", kYear);
}
BENCHMARK(page_of_ten_sensors)->Arg(1'000)->Arg(10'000)->Unit(benchmark::kMillisecond);
void page_of_two_thousand_sensors(benchmark::State& state) {
  page(state, "hall", kMorning);
}
BENCHMARK(page_of_two_thousand_sensors)->Arg(1'000)->Arg(10'000)->Arg(128'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace temperature::pipeline
