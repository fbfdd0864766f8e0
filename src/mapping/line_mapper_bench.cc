#include <benchmark/benchmark.h>

#include <string>

#include "base/check.h"
#include "mapping/line_mapper.h"

// How fast lines become raw readings, on one core: series that come in the order of last time, in another order each
// time, and more of them than are kept.
namespace temperature::mapping {
namespace {

constexpr int kLines = 1000;

std::string lines(int first, int step, int series) {
  std::string body;
  for (int i = 0; i < kLines; ++i) {
    const auto number = static_cast<int>((first + std::int64_t{i} * step) % series);
    body += "temperature,building=b1,room=room-" + std::to_string(number % 1000) + ",sensor=sensor-" +
            std::to_string(number) + " value=" + std::to_string(15 + i % 10) + "." + std::to_string(10 + i * 7 % 90) +
            " " + std::to_string(1'700'000'000'123'000'000 + i * 1'000'000LL) + "\n";
  }
  return body;
}

// Bodies one after the other, again and again; `order`: each time round the lines come in another order.
void run(benchmark::State& state, int series, bool order) {
  std::vector<std::string> bodies;
  constexpr int kSteps[] = {1, 7919, 104'729, 1'299'709};
  for (const int step : kSteps) {
    if (step != 1 && !order) break;
    for (int first = 0; first < series; first += kLines) {
      bodies.push_back(lines(static_cast<int>(std::int64_t{first} * step % series), step, series));
    }
  }
  const LineRules rules;
  const DeviceMaps maps;
  LineMapper mapper(rules, maps);
  ingest::Parsed parsed;
  for (const std::string& body : bodies) {
    CHECK(mapper.map(body, Precision::nanoseconds, parsed).has_value());
    if (parsed.taken != nullptr) parsed.taken->assign(kLines, true);
    mapper.keep_taken();
  }
  std::size_t turn = 0;
  std::size_t bytes = 0;
  for (auto _ : state) {
    const std::string& body = bodies[turn++ % bodies.size()];
    CHECK(mapper.map(body, Precision::nanoseconds, parsed).has_value() && parsed.readings.size() == kLines);
    if (parsed.taken != nullptr) parsed.taken->assign(kLines, true);
    mapper.keep_taken();
    bytes += body.size();
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
  state.counters["readings"] =
      benchmark::Counter(static_cast<double>(kLines * state.iterations()), benchmark::Counter::kIsRate);
}

void in_order_10000_series(benchmark::State& state) {
  run(state, 10'000, false);
}
void any_order_10000_series(benchmark::State& state) {
  run(state, 10'000, true);
}
void any_order_300000_series(benchmark::State& state) {
  run(state, 300'000, true);
}

BENCHMARK(in_order_10000_series);
BENCHMARK(any_order_10000_series);
BENCHMARK(any_order_300000_series);

}  // namespace
}  // namespace temperature::mapping
