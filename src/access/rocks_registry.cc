#include "access/rocks_registry.h"

#include <fmt/format.h>
#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include <mutex>

#include "access/registry_codec.h"
#include "base/bytes.h"
#include "base/sizes.h"
#include "base/time.h"
#include "rocks/log_scan.h"
#include "rocks/open_guard.h"
#include "rocks/rocks.h"

namespace temperature::access {
namespace {

// The first byte of a row's key; the id follows.
constexpr char kSensorRow = 's';
constexpr char kKeyRow = 'k';
constexpr char kUseRow = 'u';   // when a key was last used
constexpr char kOpenRow = 'o';  // then a row's key: its record was made open; there is nothing in it

std::string row(char kind, std::string_view id) {
  return kind + std::string(id);
}

// When a key was last used is not synced; everything else is.
bool is_change(std::string_view record) {
  constexpr std::size_t kFirstTag = 12;
  const bool is_note = record.size() > kFirstTag + 2 && record[kFirstTag] == 1 && record[kFirstTag + 2] == kUseRow;
  return !is_note;
}

constexpr rocks::LogRules kRules{
    .whose = "the registry", .code = ErrorCode::registry_failed, .synced = is_change, .filled_ahead = false};

// RocksDB would take a flipped bit for the log's end, and forget the changes behind it.
Result<void> check_files(const std::filesystem::path& folder) {
  if (auto checked = rocks::check_manifest(folder, kRules); !checked) return checked;
  if (auto scanned = rocks::scan_logs(folder, kRules); !scanned) return std::unexpected(std::move(scanned.error()));
  return {};
}

auto failed(std::string_view what, const rocksdb::Status& status) {
  return failure(ErrorCode::registry_failed, fmt::format("cannot {} the registry: {}", what, status.ToString()));
}

auto failed(std::string_view what, const std::filesystem::path& folder, const rocksdb::Status& status) {
  return failure(ErrorCode::registry_failed,
                 fmt::format("cannot {} the registry: {} (path={})", what, status.ToString(), folder.string()));
}

rocksdb::Options options() {
  rocksdb::Options options;
  rocks::set_common(options, nullptr);
  options.max_open_files = 64;
  options.write_buffer_size = limits::kMiB;
  options.arena_block_size = 64 * limits::kKiB;
  options.max_total_wal_size = 4 * limits::kMiB;
  options.compression = rocksdb::kZSTD;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(4 * limits::kMiB);
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

}  // namespace

struct RocksRegistry::Store {
  std::unique_ptr<rocksdb::DB> db;
  std::mutex mutex;  // for removals, which tell whether there was something

  // Puts a record, and the row by which it is found when it was made open.
  Result<void> put(const std::string& key, const std::string& record, bool made_open) const {
    rocksdb::WriteBatch batch;
    batch.Put(key, record);
    if (made_open) {
      batch.Put(row(kOpenRow, key), {});
    } else {
      batch.Delete(row(kOpenRow, key));
    }
    return write(batch);
  }

  // nullopt: there is no such row.
  [[nodiscard]] Result<std::optional<std::string>> get(const std::string& key) const {
    std::string bytes;
    const auto status = db->Get({}, key, &bytes);
    if (status.IsNotFound()) return std::optional<std::string>();
    if (!status.ok()) return failed("read", status);
    return std::optional(std::move(bytes));
  }

  Result<void> write(rocksdb::WriteBatch& batch) const {
    rocksdb::WriteOptions synced;
    synced.sync = true;
    const auto status = db->Write(synced, &batch);
    if (!status.ok()) return failed("write to", status);
    return {};
  }

  // Rows of a kind, each given to `take` with its id, until it says false.
  template <class Take>
  Result<void> list(char kind, std::string_view after, Take take) const {
    const std::unique_ptr<rocksdb::Iterator> row_at(db->NewIterator({}));
    const std::string first = row(kind, after);
    for (row_at->Seek(first); row_at->Valid(); row_at->Next()) {
      const std::string_view key(row_at->key().data(), row_at->key().size());
      if (key.front() != kind) break;
      if (key == first) continue;
      Result<bool> more = take(key.substr(1), std::string_view(row_at->value().data(), row_at->value().size()));
      if (!more) return std::unexpected(std::move(more.error()));
      if (!*more) break;
    }
    if (!row_at->status().ok()) return failed("read", row_at->status());
    return {};
  }

  [[nodiscard]] Result<std::optional<Timestamp>> last_use(std::string_view id) const {
    auto bytes = get(row(kUseRow, id));
    if (!bytes) return std::unexpected(std::move(bytes.error()));
    if (!*bytes) return std::optional<Timestamp>();
    return std::optional(timestamp_from_ms(ByteReader(**bytes).fixed<std::int64_t>()));
  }
};

Result<std::unique_ptr<RocksRegistry>> RocksRegistry::open(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (auto checked = check_files(folder); !checked) return std::unexpected(std::move(checked.error()));
  auto store = std::make_unique<Store>();
  rocksdb::DB* db = nullptr;
  const auto status =
      rocks::guarded("the registry", folder, [&] { return rocksdb::DB::Open(options(), folder.string(), &db); });
  if (!status.ok()) return failed("open", folder, status);
  store->db.reset(db);
  return std::unique_ptr<RocksRegistry>(new RocksRegistry(std::move(store)));
}

Result<RocksRegistry::Inspected> RocksRegistry::inspect(const std::filesystem::path& folder, const Visitor& visitor) {
  Inspected inspected;
  if (!std::filesystem::exists(folder)) return inspected;
  if (auto checked = check_files(folder); !checked) return std::unexpected(std::move(checked.error()));
  auto store = std::make_unique<Store>();
  rocksdb::Options read_only = options();
  read_only.create_if_missing = false;
  rocksdb::DB* db = nullptr;
  const auto opened = rocks::guarded("the registry", folder,
                                     [&] { return rocksdb::DB::OpenForReadOnly(read_only, folder.string(), &db); });
  if (!opened.ok()) return failed("open", folder, opened);
  store->db.reset(db);
  if (const auto status = db->VerifyChecksum(); !status.ok()) return failed("read", status);
  const auto counted = [](std::uint64_t& count, const auto& decoded, const auto& visit) -> Result<bool> {
    if (!decoded) return std::unexpected(decoded.error());
    ++count;
    visit(*decoded);
    return true;
  };
  auto listed = store->list(kSensorRow, "", [&](std::string_view id, std::string_view bytes) {
    return counted(inspected.sensors, decode_sensor(id, bytes), visitor.sensor);
  });
  if (listed) {
    listed = store->list(kKeyRow, "", [&](std::string_view id, std::string_view bytes) {
      return counted(inspected.keys, decode_key(id, bytes), visitor.key);
    });
  }
  if (!listed) return std::unexpected(std::move(listed.error()));
  return inspected;
}

RocksRegistry::RocksRegistry(std::unique_ptr<Store> store) : store_(std::move(store)) {}
RocksRegistry::~RocksRegistry() = default;

rocksdb::DB& RocksRegistry::db() const {
  return *store_->db;
}

Result<std::optional<Sensor>> RocksRegistry::find_sensor(std::string_view id) const {
  const auto bytes = store_->get(row(kSensorRow, id));
  if (!bytes) return std::unexpected(bytes.error());
  if (!*bytes) return std::optional<Sensor>();
  auto sensor = decode_sensor(id, **bytes);
  if (!sensor) return std::unexpected(std::move(sensor.error()));
  return std::optional(std::move(*sensor));
}

Result<void> RocksRegistry::put_sensor(const Sensor& sensor) {
  auto written = store_->put(row(kSensorRow, sensor.id), encode(sensor), sensor.made_open);
  versions_.raise(sensor.id);  // also when it failed: nobody knows what is there
  return written;
}

Result<bool> RocksRegistry::remove_sensor(std::string_view id) {
  const std::scoped_lock lock(store_->mutex);
  const auto there = store_->get(row(kSensorRow, id));
  if (!there) return std::unexpected(there.error());
  if (!*there) return false;
  rocksdb::WriteBatch batch;
  batch.Delete(row(kSensorRow, id));
  batch.Delete(row(kOpenRow, row(kSensorRow, id)));
  auto written = store_->write(batch);
  versions_.raise(id);
  if (!written) return std::unexpected(std::move(written.error()));
  return true;
}

Result<std::vector<Sensor>> RocksRegistry::sensors(std::string_view after, std::size_t limit) const {
  std::vector<Sensor> page;
  auto listed = store_->list(kSensorRow, after, [&](std::string_view id, std::string_view bytes) -> Result<bool> {
    if (page.size() == limit) return false;
    auto sensor = decode_sensor(id, bytes);
    if (!sensor) return std::unexpected(std::move(sensor.error()));
    page.push_back(std::move(*sensor));
    return true;
  });
  if (!listed) return std::unexpected(std::move(listed.error()));
  return page;
}

Result<std::optional<ApiKey>> RocksRegistry::find_key(std::string_view id) const {
  const auto bytes = store_->get(row(kKeyRow, id));
  if (!bytes) return std::unexpected(bytes.error());
  if (!*bytes) return std::optional<ApiKey>();
  auto key = decode_key(id, **bytes);
  if (!key) return std::unexpected(std::move(key.error()));
  const auto used = store_->last_use(id);
  if (!used) return std::unexpected(used.error());
  key->last_used = *used;
  return std::optional(std::move(*key));
}

Result<void> RocksRegistry::put_key(const ApiKey& key) {
  auto written = store_->put(row(kKeyRow, key.id), encode(key), key.made_open);
  versions_.raise(key.id);
  return written;
}

Result<bool> RocksRegistry::remove_key(std::string_view id) {
  const std::scoped_lock lock(store_->mutex);
  const auto there = store_->get(row(kKeyRow, id));
  if (!there) return std::unexpected(there.error());
  if (!*there) return false;
  rocksdb::WriteBatch batch;
  batch.Delete(row(kKeyRow, id));
  batch.Delete(row(kUseRow, id));
  batch.Delete(row(kOpenRow, row(kKeyRow, id)));
  auto written = store_->write(batch);
  versions_.raise(id);
  if (!written) return std::unexpected(std::move(written.error()));
  return true;
}

Result<std::vector<ApiKey>> RocksRegistry::keys(std::string_view after, std::size_t limit) const {
  std::vector<ApiKey> page;
  auto listed = store_->list(kKeyRow, after, [&](std::string_view id, std::string_view bytes) -> Result<bool> {
    if (page.size() == limit) return false;
    auto key = decode_key(id, bytes);
    if (!key) return std::unexpected(std::move(key.error()));
    const auto used = store_->last_use(id);
    if (!used) return std::unexpected(used.error());
    key->last_used = *used;
    page.push_back(std::move(*key));
    return true;
  });
  if (!listed) return std::unexpected(std::move(listed.error()));
  return page;
}

Result<std::size_t> RocksRegistry::made_open() const {
  std::size_t count = 0;
  auto listed = store_->list(kOpenRow, "", [&](std::string_view key, std::string_view) -> Result<bool> {
    const auto record = store_->get(std::string(key));
    if (!record) return std::unexpected(record.error());
    count += *record && is_made_open(**record) ? 1U : 0U;
    return true;
  });
  if (!listed) return std::unexpected(std::move(listed.error()));
  return count;
}

void RocksRegistry::note_use(std::string_view key_id, Timestamp when) {
  std::string bytes;
  ByteWriter(bytes).fixed(to_ms(when));
  static_cast<void>(store_->db->Put({}, row(kUseRow, key_id), bytes));  // a note that is lost harms nobody
}

}  // namespace temperature::access
