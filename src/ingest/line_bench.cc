#include <benchmark/benchmark.h>

#include <string>
#include <string_view>

#include "base/check.h"
#include "ingest/line_protocol.h"

// How fast line protocol is read, on one core. "split": the tags of every line are taken apart too.
namespace temperature::ingest {
namespace {

constexpr int kProtocolLines = 1000;

std::string protocol(std::string_view fields) {
  std::string body;
  for (int i = 0; i < kProtocolLines; ++i) {
    body += "temperature,building=b1,room=room-" + std::to_string(i % 100) + ",sensor=sensor-" + std::to_string(i) +
            " value=" + std::to_string(15 + i % 10) + "." + std::to_string(10 + i * 7 % 90) + std::string(fields) +
            " " + std::to_string(1'700'000'000'123'000'000 + i * 1'000'000LL) + "\n";
  }
  return body;
}

void run(benchmark::State& state, const std::string& body, bool split) {
  LinePoint point;
  LineSeries series;
  for (auto _ : state) {
    LineReader reader(body);
    int read = 0;
    while (reader.next(point) == LineReader::Found::point) {
      if (split) CHECK(series.read(point.series) == LineFault::none);
      benchmark::DoNotOptimize(point.fields.data());
      ++read;
    }
    CHECK(read == kProtocolLines);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(body.size() * state.iterations()));
  state.counters["lines"] =
      benchmark::Counter(static_cast<double>(kProtocolLines * state.iterations()), benchmark::Counter::kIsRate);
}

void one_field(benchmark::State& state) {
  run(state, protocol(""), false);
}
void one_field_split(benchmark::State& state) {
  run(state, protocol(""), true);
}
void five_fields_split(benchmark::State& state) {
  run(state, protocol(",humidity=41.5,co2=612i,pressure=1013.25,battery=3.02"), true);
}
void a_string_and_a_boolean_split(benchmark::State& state) {
  run(state, protocol(R"(,state="a \"quoted\" word, and more",open=true)"), true);
}

BENCHMARK(one_field);
BENCHMARK(one_field_split);
BENCHMARK(five_fields_split);
BENCHMARK(a_string_and_a_boolean_split);

}  // namespace
}  // namespace temperature::ingest
