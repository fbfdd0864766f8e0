#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "history/chunk_for_test.h"

// Chunks that were written once and for all: whatever the program becomes, it reads them. The first two were made by
// hand from docs/formats/chunk.md.
namespace temperature::history {
namespace {

// tests/formats/chunk-v1 of the checkout that the tests run in.
std::filesystem::path folder() {
  for (auto at = std::filesystem::current_path(); at != at.root_path(); at = at.parent_path()) {
    if (std::filesystem::exists(at / "tests/formats/chunk-v1")) return at / "tests/formats/chunk-v1";
  }
  return {};
}

// Hexadecimal bytes, with comments from # to the end of the line.
std::string bytes_of(const std::string& name) {
  std::ifstream file(folder() / name);
  EXPECT_TRUE(file.is_open()) << name;
  std::string bytes;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line.substr(0, line.find('#')));
    for (std::string word; words >> word;) bytes.push_back(static_cast<char>(std::stoi(word, nullptr, 16)));
  }
  return bytes;
}

void expect_read(const std::string& name, const std::vector<Sample>& want) {
  const std::string bytes = bytes_of(name);
  std::string_view rest = bytes;
  const auto chunk = ChunkView::take(rest);
  ASSERT_TRUE(chunk) << chunk.error().detail;
  EXPECT_TRUE(rest.empty());
  EXPECT_EQ(chunk->count(), want.size());
  expect_frames(*chunk, want);
  std::vector<Sample> samples;
  ASSERT_TRUE(chunk->decode(samples));
  EXPECT_EQ(bits(samples), bits(want));
}

TEST(ChunkFormat, of_version_1_is_read) {
  const auto at = [](std::int64_t ms, double value) { return Sample{timestamp_from_ms(ms), value}; };
  expect_read("three_decimals.hex", {at(kNoonMs, 21.5), at(kNoonMs + 1'000, 21.51), at(kNoonMs + 2'000, 21.49)});
  expect_read("three_doubles.hex", {at(0, 1.5), at(250, -0.0), at(1'000, 1.5)});
}

// A chunk of every part that there is: coded columns, contexts, a grid of moments, an exception, frames of all modes.
std::vector<Sample> long_day() {
  std::vector<Sample> samples;
  for (std::int64_t i = 0; i < 2'400; ++i) {
    const std::int64_t ms = kNoonMs + i * 30'000 + i * i * 7 % 13 + (i < 2'000 ? 0 : 3 * kHourMs);
    const std::int64_t hundredths = 2'000 + i / 10 % 40 + (i / 300 % 2 == 0 ? 0 : i * i % 11);
    samples.push_back({timestamp_from_ms(ms), static_cast<double>(hundredths) / 100});
  }
  samples[700].value = std::bit_cast<double>(std::uint64_t{0x7ff8'0000'dead'beef});
  samples[1'900].value = 1.0 / 3;
  return samples;
}

TEST(ChunkFormat, of_version_1_is_read_in_all_its_parts) {
  expect_read("long_day.hex", long_day());
}

}  // namespace
}  // namespace temperature::history
