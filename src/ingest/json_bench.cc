#include <benchmark/benchmark.h>

#include <string>
#include <string_view>

#include "base/check.h"
#include "ingest/json.h"

// How fast JSON bodies become readings, on one core.
namespace temperature::ingest {
namespace {

constexpr int kReadings = 1000;

// A reading as senders write it; sensor, time and value differ.
std::string reading(int i, std::string_view room, std::string_view digits) {
  return R"({"building":"b","room":")" + std::string(room) + R"(","sensor":"sensor-)" + std::to_string(i % 100) +
         R"(","quantity":"temperature","timestamp":)" + std::to_string(1'700'000'000'123 + i) + R"(,"value":)" +
         std::to_string(15 + i % 10) + "." + std::to_string(10 + i * 7 % 90) + std::string(digits) + "}";
}

std::string array(int readings, std::string_view room, std::string_view digits, std::string_view separator) {
  std::string body = "[";
  for (int i = 0; i < readings; ++i) body.append(i == 0 ? "" : separator).append(reading(i, room, digits));
  return body + "]";
}

std::string lines(std::string_view end) {
  std::string body;
  for (int i = 0; i < kReadings; ++i) body.append(reading(i, "room-12", "")).append("\n");
  return body.append(end);
}

// `Parse` is called as parse(parser, body, parsed). A body is used again: it must have no escapes.
template <class Parse>
void run(benchmark::State& state, std::string body, std::size_t readings, Parse parse) {
  JsonParser parser;
  Parsed parsed;
  for (auto _ : state) {
    const auto read = parse(parser, body, parsed);
    CHECK(read.has_value() && parsed.readings.size() == readings);
    benchmark::DoNotOptimize(parsed.readings.data());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(body.size() * state.iterations()));
  state.counters["readings"] =
      benchmark::Counter(static_cast<double>(readings * state.iterations()), benchmark::Counter::kIsRate);
}

const auto kWhole = [](JsonParser& parser, std::string& body, Parsed& parsed) { return parser.parse(body, parsed); };
const auto kLines = [](JsonParser& parser, std::string& body, Parsed& parsed) {
  return parser.parse_lines(body, parsed);
};

void one_object(benchmark::State& state) {
  run(state, reading(0, "room-12", ""), 1, kWhole);
}
void array_of_1000(benchmark::State& state) {
  run(state, array(kReadings, "room-12", "", ","), kReadings, kWhole);
}
void array_of_1000_spaced(benchmark::State& state) {
  run(state, array(kReadings, "room-12", "", ",\n  "), kReadings, kWhole);
}
void array_of_1000_long_values(benchmark::State& state) {
  run(state, array(kReadings, "room-12", "0000000000004", ","), kReadings, kWhole);
}
void lines_1000(benchmark::State& state) {
  run(state, lines(""), kReadings, kLines);
}
void lines_1000_and_a_broken_one(benchmark::State& state) {
  run(state, lines("{\"room"), kReadings, kLines);
}

// Escapes are replaced in the body: each turn works on a copy, which is part of the time.
void array_of_1000_escaped(benchmark::State& state) {
  const std::string original = array(kReadings, R"(K\u00fcche)", "", ",");
  std::string body;
  run(state, original, kReadings, [&](JsonParser& parser, std::string&, Parsed& parsed) {
    body = original;
    return parser.parse(body, parsed);
  });
}

BENCHMARK(one_object);
BENCHMARK(array_of_1000);
BENCHMARK(array_of_1000_spaced);
BENCHMARK(array_of_1000_long_values);
BENCHMARK(array_of_1000_escaped);
BENCHMARK(lines_1000);
BENCHMARK(lines_1000_and_a_broken_one);

}  // namespace
}  // namespace temperature::ingest
