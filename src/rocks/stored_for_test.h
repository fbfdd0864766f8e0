#pragma once

#include <gtest/gtest.h>
#include <rocksdb/merge_operator.h>
#include <rocksdb/sst_file_reader.h>
#include <rocksdb/table_properties.h>
#include <rocksdb/write_batch.h>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "testing/comes_true.h"

// What the files of a RocksDB instance hold, whether the instance still shows it or not. For tests.
namespace temperature::rocks {

struct Stored {
  std::string file;
  std::string family;
  std::string key;
  std::string value;  // of an entry of a log: one write; of a table: what the merge operator makes of them
};

// The writes of a log of RocksDB (rocksdb/db/log_format.h): blocks of 32 KiB, in them fragments of checksum, length,
// type and bytes.
class LogWrites final : public rocksdb::WriteBatch::Handler {
 public:
  // `families`: in order of their ids.
  LogWrites(std::string file, std::vector<std::string> families, std::vector<Stored>& out)
      : file_(std::move(file)), families_(std::move(families)), out_(out) {}

  void read(const std::string& bytes) {
    constexpr std::size_t kBlock = 32'768;
    constexpr std::size_t kHeader = 7;
    std::string record;
    for (std::size_t at = 0; at + kHeader <= bytes.size();) {
      if (kBlock - at % kBlock < kHeader) {
        at += kBlock - at % kBlock;
        continue;
      }
      std::uint16_t length = 0;
      std::memcpy(&length, bytes.data() + at + 4, sizeof length);
      const int type = static_cast<unsigned char>(bytes[at + 6]);
      if (type < 1 || type > 4 || at + kHeader + length > bytes.size()) return;  // what is filled ahead
      if (type <= 2) record.clear();
      record.append(bytes, at + kHeader, length);
      at += kHeader + length;
      if (type != 1 && type != 4) continue;
      EXPECT_TRUE(rocksdb::WriteBatch(record).Iterate(this).ok()) << file_;
    }
  }

  rocksdb::Status PutCF(std::uint32_t family, const rocksdb::Slice& key, const rocksdb::Slice& value) override {
    return take(family, key, value);
  }
  rocksdb::Status MergeCF(std::uint32_t family, const rocksdb::Slice& key, const rocksdb::Slice& value) override {
    return take(family, key, value);
  }
  rocksdb::Status DeleteCF(std::uint32_t, const rocksdb::Slice&) override { return rocksdb::Status::OK(); }
  rocksdb::Status DeleteRangeCF(std::uint32_t, const rocksdb::Slice&, const rocksdb::Slice&) override {
    return rocksdb::Status::OK();
  }

 private:
  rocksdb::Status take(std::uint32_t family, const rocksdb::Slice& key, const rocksdb::Slice& value) {
    out_.push_back({file_, families_.at(family), key.ToString(), value.ToString()});
    return rocksdb::Status::OK();
  }

  const std::string file_;
  const std::vector<std::string> families_;
  std::vector<Stored>& out_;
};

// Adds the entries of a table; false: it is just being written, or deleted.
inline bool read_table(const std::filesystem::path& table, const std::shared_ptr<rocksdb::MergeOperator>& merge,
                       std::vector<Stored>& out) {
  rocksdb::Options options;
  options.merge_operator = merge;
  rocksdb::SstFileReader reader(options);
  if (!reader.Open(table.string()).ok()) return false;
  const std::unique_ptr<rocksdb::Iterator> at(reader.NewIterator({}));
  for (at->SeekToFirst(); at->Valid(); at->Next()) {
    out.push_back({table.filename().string(), reader.GetTableProperties()->column_family_name, at->key().ToString(),
                   at->value().ToString()});
  }
  return at->status().ok();
}

// Every entry of every table and log in the folder, at a moment at which none is being written or deleted in the
// background. `families`: in order of their ids.
inline std::vector<Stored> everything_stored(const std::filesystem::path& folder,
                                             const std::vector<std::string>& families,
                                             const std::shared_ptr<rocksdb::MergeOperator>& merge) {
  std::vector<Stored> all;
  std::string why;
  EXPECT_TRUE(testing::comes_true([&] {
    all.clear();
    bool whole = true;
    std::error_code gone;
    for (const auto& entry : std::filesystem::directory_iterator(folder, gone)) {
      const std::filesystem::path ending = entry.path().extension();
      if (ending == ".log") {
        std::ifstream bytes(entry.path(), std::ios::binary);
        LogWrites(entry.path().filename().string(), families, all)
            .read({std::istreambuf_iterator<char>(bytes), std::istreambuf_iterator<char>()});
      }
      if (ending == ".sst") whole = read_table(entry.path(), merge, all) && whole;
      if (ending == ".trash") whole = false;
      if (!whole) why = entry.path().string();
    }
    return whole && !gone;
  })) << folder
      << " " << why;
  return all;
}

}  // namespace temperature::rocks
