#include <benchmark/benchmark.h>

#include <bit>
#include <cmath>
#include <random>

#include "base/check.h"
#include "history/chunk.h"

// How fast readings become a chunk, come back from it, and are summed up without doing so, on one core. The
// argument is the number of readings in a chunk; `bytes` is what each of them takes.
namespace temperature::history {
namespace {

constexpr std::int64_t kBeginMs = 1'700'000'000'000;

// Once a second, hundredths of a degree that wander: steps of 2.0 bits of entropy.
std::vector<Sample> steady(std::size_t count) {
  std::mt19937_64 random(1);
  std::vector<Sample> samples;
  std::int64_t hundredths = 2150;
  for (std::size_t i = 0; i < count; ++i) {
    samples.push_back(
        {timestamp_from_ms(kBeginMs + static_cast<std::int64_t>(i) * 1'000), static_cast<double>(hundredths) / 100});
    const std::uint64_t of_40 = random() % 40;
    const std::int64_t size = of_40 < 16 ? 0 : of_40 < 34 ? 1 : 2;
    hundredths += of_40 % 2 == 0 ? size : -size;
  }
  return samples;
}

std::vector<Sample> restless(std::size_t count) {
  std::mt19937_64 random(2);
  auto samples = steady(count);
  for (Sample& sample : samples) sample.timestamp += Duration(static_cast<std::int64_t>(random() % 21) - 10);
  return samples;
}

// Once a minute, tenths of a degree that hardly change, as a building's control sends them.
std::vector<Sample> building(std::size_t count) {
  std::mt19937_64 random(3);
  auto samples = steady(count);
  std::int64_t tenths = 215;
  for (std::size_t i = 0; i < count; ++i) {
    samples[i].timestamp = timestamp_from_ms(kBeginMs + static_cast<std::int64_t>(i * 60'000 + i / 60 * 5'000));
    samples[i].value = static_cast<double>(tenths) / 10;
    tenths += random() % 8 == 0 ? static_cast<std::int64_t>(random() % 2 * 2) - 1 : 0;
  }
  return samples;
}

std::vector<Sample> any_doubles(std::size_t count) {
  auto samples = steady(count);
  for (std::size_t i = 0; i < count; ++i) samples[i].value = 20 + std::sin(static_cast<double>(i));
  return samples;
}

using Make = std::vector<Sample> (*)(std::size_t);

void count_readings(benchmark::State& state, std::size_t chunk_bytes) {
  const auto readings = static_cast<double>(state.range(0));
  state.counters["readings"] =
      benchmark::Counter(readings * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
  state.counters["bytes"] = static_cast<double>(chunk_bytes) / readings;
}

void encode(benchmark::State& state, Make make) {
  const auto samples = make(static_cast<std::size_t>(state.range(0)));
  std::string chunk;
  for (auto _ : state) {
    chunk.clear();
    append_chunk(chunk, samples);
    benchmark::DoNotOptimize(chunk.data());
  }
  count_readings(state, chunk.size());
}

void decode(benchmark::State& state, Make make) {
  std::string chunk;
  append_chunk(chunk, make(static_cast<std::size_t>(state.range(0))));
  std::vector<Sample> samples;
  for (auto _ : state) {
    samples.clear();
    std::string_view rest = chunk;
    const auto view = ChunkView::take(rest);
    CHECK(view && view->decode(samples));
    benchmark::DoNotOptimize(samples.data());
  }
  count_readings(state, chunk.size());
}

// What a bucket of an hour or a day costs: taking the chunk and adding up its frames.
void summarize(benchmark::State& state, Make make) {
  std::string chunk;
  append_chunk(chunk, make(static_cast<std::size_t>(state.range(0))));
  std::size_t frames = 0;
  for (auto _ : state) {
    std::string_view rest = chunk;
    const auto view = ChunkView::take(rest);
    CHECK(view && view->summary());
    frames += view->frame_count();
  }
  state.counters["frames"] = benchmark::Counter(static_cast<double>(frames), benchmark::Counter::kIsRate);
}

#define EACH_SIZE ->Arg(1'000)->Arg(14'400)
BENCHMARK_CAPTURE(encode, steady, steady)->Arg(20) EACH_SIZE;
BENCHMARK_CAPTURE(encode, restless, restless) EACH_SIZE;
BENCHMARK_CAPTURE(encode, building, building) EACH_SIZE;
BENCHMARK_CAPTURE(encode, any_doubles, any_doubles) EACH_SIZE;
BENCHMARK_CAPTURE(decode, steady, steady)->Arg(20) EACH_SIZE;
BENCHMARK_CAPTURE(decode, restless, restless) EACH_SIZE;
BENCHMARK_CAPTURE(decode, building, building) EACH_SIZE;
BENCHMARK_CAPTURE(decode, any_doubles, any_doubles) EACH_SIZE;
BENCHMARK_CAPTURE(summarize, steady, steady) EACH_SIZE;
BENCHMARK_CAPTURE(summarize, building, building) EACH_SIZE;

}  // namespace
}  // namespace temperature::history
