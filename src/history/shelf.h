#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "history/memory_history.h"
#include "history/rocks_history.h"
#include "testing/power_cut_env.h"
#include "testing/temporary_folder.h"

// Where a history stands between two runs of the program, one class for each kind of history.
namespace temperature::history {

class MemoryShelf {
 public:
  std::unique_ptr<History> open() {
    auto history = std::make_unique<MemoryHistory>(contents_);
    open_ = history.get();
    return history;
  }
  void put_back(std::unique_ptr<History> history) {
    contents_ = open_->contents();
    history.reset();
  }
  void fail_next_commit() const { open_->fail_next_commit(); }
  void fill_disk_for_next_commit() const { open_->fail_next_commit(); }

 private:
  MemoryHistory::Contents contents_;
  MemoryHistory* open_ = nullptr;
};

class RocksShelf {
 public:
  RocksShelf() {
    std::filesystem::create_directory(path());
    std::filesystem::create_directory(place_.path() / "trash");
  }

  Result<std::unique_ptr<RocksHistory>> try_open() {
    env = std::make_unique<testing::PowerCutEnv>(place_.path() / "trash");
    return RocksHistory::open({.path = path(), .env = env.get()});
  }
  std::unique_ptr<History> open() {
    auto history = try_open();
    EXPECT_TRUE(history) << history.error().detail;
    return history ? std::move(*history) : nullptr;
  }
  void put_back(std::unique_ptr<History> history) { history.reset(); }
  void fail_next_commit() const {
    env->fail(testing::PowerCutEnv::Operation::sync, 1, ".log", rocksdb::Status::IOError("told to fail"));
  }

  void fill_disk_for_next_commit() const {
    env->fail(testing::PowerCutEnv::Operation::write, 1, ".log", rocksdb::Status::NoSpace());
  }

  [[nodiscard]] std::filesystem::path path() const { return place_.path() / "history"; }

  std::unique_ptr<testing::PowerCutEnv> env;

 private:
  testing::TemporaryFolder place_;
};

// All samples of a series, in time order.
inline std::vector<Sample> all_of(const History& history, SeriesId series) {
  std::vector<Sample> samples;
  EXPECT_TRUE(history.read(series, kTimestampMin, kTimestampMax, SIZE_MAX, samples));
  return samples;
}

inline std::vector<catalogue::Definition> definitions_of(History& history) {
  std::vector<catalogue::Definition> definitions;
  const auto read = history.read_definitions([&](const catalogue::Definition& definition) -> Result<void> {
    definitions.push_back(definition);
    return {};
  });
  EXPECT_TRUE(read) << read.error().detail;
  return definitions;
}

inline catalogue::Definition sensor(std::uint32_t number) {
  return catalogue::SeriesDefined{SeriesId(number), "home", "kitchen", "sensor " + std::to_string(number),
                                  "temperature"};
}

}  // namespace temperature::history
