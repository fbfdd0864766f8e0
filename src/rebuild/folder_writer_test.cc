#include "rebuild/folder_writer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "history/rocks_history.h"
#include "testing/temporary_folder.h"
#include "upkeep/format_file.h"

namespace temperature::rebuild {
namespace {

namespace fs = std::filesystem;

constexpr Timestamp kFirst = timestamp_from_ms(1'664'928'000'000);

class FolderWriterTest : public ::testing::Test {
 protected:
  [[nodiscard]] fs::path data_dir() const { return folder_.path() / "data"; }
  std::unique_ptr<FolderWriter> begin() {
    auto writer = FolderWriter::begin(data_dir(), ReadingRules::current);
    EXPECT_TRUE(writer) << writer.error().detail;
    return std::move(*writer);
  }
  static bool add(FolderWriter& writer, std::uint32_t series, Timestamp at, double value) {
    const auto taken = writer.add_reading(SeriesId(series), {at, value});
    EXPECT_TRUE(taken);
    return *taken;
  }

  testing::TemporaryFolder folder_;
  const upkeep::FormatFile format_{.version = upkeep::kFormatCurrent, .journal = JournalId::make()};
};

TEST_F(FolderWriterTest, WritesWhatComes) {
  auto writer = begin();
  ASSERT_TRUE(writer->add_series({"main", "hall", "s-1", "temperature"}));
  ASSERT_TRUE(writer->add_series({"main", "hall", "s-1", "radon"}));
  ASSERT_TRUE(writer->add_unit("radon", "Bq/m3"));
  // More than are handed on at once, backwards; some come again, with other values.
  const auto count = static_cast<std::int64_t>(limits::kRebuildPieceReadings) + 10;
  for (std::int64_t i = count; i-- > 0;) {
    ASSERT_TRUE(add(*writer, 0, kFirst + Duration(i), static_cast<double>(i)));
    if (i % 1'000 == 0) ASSERT_TRUE(add(*writer, 0, kFirst + Duration(i), -1));
  }
  EXPECT_TRUE(add(*writer, 1, kFirst, 400));
  EXPECT_EQ(writer->count_readings().value(), static_cast<std::uint64_t>(count) + 1);
  EXPECT_TRUE(add(*writer, 0, kFirst, -2)) << "in another piece than the first one";
  EXPECT_EQ(writer->count_readings().value(), static_cast<std::uint64_t>(count) + 1);
  ASSERT_TRUE(writer->finish(format_, {{"NOTE", "bytes"}}));
  writer.reset();

  EXPECT_EQ(upkeep::read_format(data_dir()).value(), format_);
  EXPECT_TRUE(fs::exists(data_dir() / "NOTE"));
  const auto history = history::RocksHistory::open({.path = data_dir() / "history"});
  ASSERT_TRUE(history) << history.error().detail;
  std::vector<Sample> samples;
  ASSERT_TRUE((*history)->read(SeriesId(0), kTimestampMin, kTimestampMax, SIZE_MAX, samples));
  ASSERT_EQ(samples.size(), static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) {
    const Sample expected{kFirst + Duration(i), static_cast<double>(i)};
    ASSERT_EQ(samples[static_cast<std::size_t>(i)], expected);
  }
  std::vector<catalogue::Definition> definitions;
  ASSERT_TRUE((*history)->read_definitions([&](const catalogue::Definition& definition) -> Result<void> {
    definitions.push_back(definition);
    return {};
  }));
  const std::vector<catalogue::Definition> expected{
      catalogue::SeriesDefined{SeriesId(0), "main", "hall", "s-1", "temperature"},
      catalogue::SeriesDefined{SeriesId(1), "main", "hall", "s-1", "radon"}, catalogue::UnitDefined{"radon", "Bq/m3"}};
  EXPECT_EQ(definitions, expected);
}

TEST_F(FolderWriterTest, PassesOverWhatNoFolderCanHold) {
  auto writer = begin();
  ASSERT_TRUE(writer->add_series({"main", "hall", "s-1", "temperature"}));
  EXPECT_FALSE(add(*writer, 0, kFirst, std::nan("")));
  EXPECT_FALSE(add(*writer, 0, kFirst, std::numeric_limits<double>::infinity()));
  EXPECT_FALSE(add(*writer, 0, kTimestampMax, 1));
  EXPECT_FALSE(add(*writer, 0, kTimestampMin, 1));
}

TEST_F(FolderWriterTest, LeavesNothingUnlessItIsFinished) {
  auto writer = begin();
  ASSERT_TRUE(writer->add_series({"main", "hall", "s-1", "temperature"}));
  add(*writer, 0, kFirst, 21);
  EXPECT_FALSE(fs::exists(data_dir() / "FORMAT")) << "what a kill leaves must not be served";
  EXPECT_FALSE(upkeep::read_format(data_dir())) << "it has data and no FORMAT";
  writer.reset();
  EXPECT_FALSE(fs::exists(data_dir()));
  fs::create_directory(data_dir());
  writer = begin();
  writer.reset();
  EXPECT_TRUE(fs::is_empty(data_dir())) << "a folder that was there stays";
}

TEST_F(FolderWriterTest, TakesAnEmptyFolderAlone) {
  fs::create_directory(data_dir());
  std::ofstream(data_dir() / "note") << "mine";
  EXPECT_FALSE(FolderWriter::begin(data_dir(), ReadingRules::current));
  EXPECT_TRUE(fs::exists(data_dir() / "note"));
}

TEST_F(FolderWriterTest, RefusesNamesThatNoneCanHave) {
  auto writer = begin();
  ASSERT_TRUE(writer->add_series({"main", "hall", "s-1", "temperature"}));
  EXPECT_FALSE(writer->add_series({"main", "hall", "s-1", "temperature"}));
  EXPECT_FALSE(writer->add_series({"main", "", "s-1", "temperature"}));
  EXPECT_FALSE(writer->add_series({"main", "\xff", "s-1", "temperature"}));
  EXPECT_FALSE(writer->add_series({"main", std::string(200, 'x'), "s-1", "temperature"}));
  EXPECT_FALSE(writer->add_unit("temperature", "ppm"));
  EXPECT_FALSE(writer->add_sensor("s-1", "no record"));
}

}  // namespace
}  // namespace temperature::rebuild
