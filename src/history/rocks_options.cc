#include "history/rocks_options.h"

#include <fmt/format.h>
#include <rocksdb/cache.h>
#include <rocksdb/compaction_filter.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>

#include <string>

#include "base/sizes.h"
#include "rocks/rocks.h"

namespace temperature::history {
namespace {

constexpr std::size_t kWriteBufferBytes = 8 * limits::kMiB;
constexpr std::size_t kFormerPrefixBytes = 8;
constexpr std::size_t kBlockCacheBytes = 8 * limits::kMiB;

// Volumes of which tombstones left nothing go: to have none, or an empty one, is the same for every reader.
class EmptyVolumes final : public rocksdb::CompactionFilter {
 public:
  Decision FilterV2(int /*level*/, const rocksdb::Slice& /*key*/, ValueType type, const rocksdb::Slice& value,
                    std::string* /*new_value*/, std::string* /*skip_until*/) const override {
    return type == ValueType::kValue && value.empty() ? Decision::kRemove : Decision::kKeep;
  }
  [[nodiscard]] const char* Name() const override { return "temperature-service.empty volumes"; }
};

// Without state: RocksDB asks for one that outlives every instance.
const rocksdb::CompactionFilter* empty_volumes() {
  static const EmptyVolumes filter;
  return &filter;
}

}  // namespace

rocksdb::ColumnFamilyOptions volume_options() {
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = kWriteBufferBytes;
  options.max_write_buffer_number = 3;
  options.compaction_filter = empty_volumes();
  options.target_file_size_base = 16 * limits::kMiB;
  options.level_compaction_dynamic_level_bytes = true;  // most of it at the bottom, as few levels as it needs
  options.compression = rocksdb::kNoCompression;        // bodies of chunks are compressed already
  options.bottommost_compression = rocksdb::kZSTD;      // heads of neighbours are alike
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(kBlockCacheBytes);
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.block_size = 32 * limits::kKiB;
  table.format_version = 5;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

rocksdb::ColumnFamilyOptions former_options() {
  rocksdb::ColumnFamilyOptions options;
  options.prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(kFormerPrefixBytes));
  return options;
}

rocksdb::ColumnFamilyOptions small_options() {
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = 4 * limits::kMiB;
  options.compression = rocksdb::kZSTD;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(limits::kMiB);
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

rocksdb::DBOptions store_options(rocksdb::Env* env) {
  rocksdb::DBOptions options;
  rocks::set_common(options, env);
  options.create_missing_column_families = true;
  // Families are flushed together: were one ahead of a log that a power cut tore, the history would not open.
  options.atomic_flush = true;
  options.max_open_files = 128;
  options.max_background_jobs = 2;
  options.max_total_wal_size = 64 * limits::kMiB;
  return options;
}

}  // namespace temperature::history
