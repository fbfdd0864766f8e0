#include "history/verify.h"

#include <fmt/format.h>
#include <rocksdb/sst_file_reader.h>

#include <algorithm>
#include <limits>
#include <map>
#include <memory>

#include "history/audit_store.h"
#include "history/former_blocks.h"
#include "history/piece_list.h"
#include "history/rocks_history.h"
#include "history/rocks_options.h"
#include "history/rocks_store.h"
#include "history/verify_chunks.h"

namespace temperature::history {
namespace {

using Tell = std::function<void(const Damage&)>;

constexpr std::uint64_t kVolumesBetweenProgress = 1'000;

const char* name_of(Span span) {
  return span == Span::day ? "days" : "months";
}

// Walks through one family of volumes in order of keys. Where a block cannot be read it goes on at the next volume that
// can, and names those between that there may be.
class Walk {
 public:
  Walk(const RocksStore& store, Span span, const std::map<SeriesId, SeriesExtent>& extents, VolumeInspector& inspector,
       const Tell& damaged)
      : store_(store), span_(span), extents_(extents), inspector_(inspector), damaged_(damaged) {
    options_.fill_cache = false;
    at_.reset(store.db().NewIterator(options_, store.volumes(span)));
  }

  void run(const std::function<void()>& each) {
    VolumeKey next{std::numeric_limits<std::int32_t>::min(), SeriesId(0)};
    at_->SeekToFirst();
    while (true) {
      for (; at_->Valid(); at_->Next()) {
        const auto key = VolumeKey::decode(view_of(at_->key()));
        if (!key) {
          damaged_({fmt::format("a key of the history ({}) has the wrong length", name_of(span_))});
          continue;
        }
        inspect(*key, view_of(at_->value()));
        next = follower(*key);
        each();
      }
      if (at_->status().ok() || !skip_damage(next)) return;
    }
  }

 private:
  static VolumeKey follower(VolumeKey key) {
    return key.series.value() == UINT32_MAX ? VolumeKey{key.number + 1, SeriesId(0)}
                                            : VolumeKey{key.number, SeriesId(key.series.value() + 1)};
  }

  void inspect(VolumeKey key, std::string_view value) {
    const auto extent = extents_.find(key.series);
    inspector_.inspect(span_, key, value, extent == extents_.end() ? nullptr : &extent->second);
  }

  // Tries the volumes that there may be from `next` on, one after the other, until the walk can go on behind one.
  bool skip_damage(VolumeKey& next) {
    std::int32_t last = std::numeric_limits<std::int32_t>::min();
    std::int32_t first = std::numeric_limits<std::int32_t>::max();
    for (const auto& [series, extent] : extents_) {
      first = std::min(first, number_of(span_, extent.oldest));
      last = std::max(last, number_of(span_, extent.newest.timestamp));
    }
    for (std::int64_t number = std::max(next.number, first); number <= last; ++number) {
      next.number = static_cast<std::int32_t>(number);
      for (auto each = extents_.lower_bound(next.series); each != extents_.end(); ++each) {
        next.series = each->first;
        if (each->second.oldest >= end_of(span_, next.number)) continue;
        if (each->second.newest.timestamp < begin_of(span_, next.number)) continue;
        const auto bytes = next.encode();
        const rocksdb::Slice key(bytes.data(), bytes.size());
        at_->Seek(key);
        if (at_->Valid() || at_->status().ok()) return true;
        try_alone(next, key);
      }
      next.series = SeriesId(0);
    }
    return false;
  }

  void try_alone(VolumeKey volume, const rocksdb::Slice& key) {
    rocksdb::PinnableSlice value;
    const rocksdb::Status status = store_.db().Get(options_, store_.volumes(span_), key, &value);
    if (status.IsNotFound()) return;
    if (status.ok()) return inspect(volume, view_of(value));
    damaged_({fmt::format("the history ({}) cannot be read: {}", name_of(span_), status.ToString()), volume.series,
              begin_of(span_, volume.number), end_of(span_, volume.number)});
  }

  const RocksStore& store_;
  const Span span_;
  const std::map<SeriesId, SeriesExtent>& extents_;
  VolumeInspector& inspector_;
  const Tell& damaged_;
  rocksdb::ReadOptions options_;
  std::unique_ptr<rocksdb::Iterator> at_;
};

// Each block of each table has a checksum of RocksDB's own.
void verify_tables(const RocksStore& store, const Tell& damaged, Verified& verified,
                   const std::function<void(const Verified&)>& progress) {
  std::vector<rocksdb::LiveFileMetaData> files;
  store.db().GetLiveFilesMetaData(&files);
  for (const auto& file : files) {
    rocksdb::Options options;
    options.merge_operator = make_piece_list();
    rocksdb::SstFileReader table(options);
    rocksdb::Status status = table.Open(file.db_path + file.name);
    if (status.ok()) status = table.VerifyChecksum();
    ++verified.files;
    progress(verified);
    if (status.ok()) continue;
    Damage damage{fmt::format("the history's table {}{} ({}) is damaged: {}", file.db_path, file.name,
                              file.column_family_name, status.ToString())};
    for (const Span span : kSpans) {
      const auto smallest = VolumeKey::decode(file.smallestkey);
      const auto largest = VolumeKey::decode(file.largestkey);
      if (file.column_family_name != name_of(span) || !smallest || !largest) continue;
      damage.what += "; it has readings between";
      damage.from = begin_of(span, smallest->number);
      damage.to = end_of(span, largest->number);
    }
    damaged(damage);
  }
}

}  // namespace

struct Inspection::Parts {
  std::unique_ptr<RocksHistory> history;
};

Inspection::Inspection(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Inspection::Inspection(Inspection&&) noexcept = default;
Inspection::~Inspection() = default;

Result<Inspection> Inspection::open(const std::filesystem::path& folder) {
  auto history = RocksHistory::open_to_look(folder);
  if (!history) return std::unexpected(std::move(history.error()));
  return Inspection(std::make_unique<Parts>(Parts{std::move(*history)}));
}

Position Inspection::safe_position() const {
  return parts_->history->safe_position();
}

void Inspection::read_definitions(catalogue::Catalogue& catalogue, const Tell& damaged) const {
  auto read = parts_->history->read_definitions(
      [&](const catalogue::Definition& definition) -> Result<void> { return catalogue.restore(definition); });
  if (!read) damaged({std::move(read.error().detail)});
}

audit::Head Inspection::verify_audit(const Tell& damaged) const {
  return history::verify_audit(parts_->history->store(), [&damaged](const std::string& what) { damaged({what}); });
}

Verified Inspection::verify(const catalogue::Catalogue& catalogue, const Tell& damaged,
                            const std::function<void(const Verified&)>& progress) const {
  const RocksStore& store = parts_->history->store();
  Verified tables;
  verify_tables(store, damaged, tables, progress);

  std::map<SeriesId, SeriesExtent> extents;
  auto read = parts_->history->read_extents([&](const SeriesExtent& extent) {
    extents.emplace(extent.series, extent);
    if (extent.series.value() < catalogue.series_count()) return;
    damaged({"the history has readings of a series that nothing defines", extent.series, extent.oldest,
             extent.newest.timestamp});
  });
  if (!read) damaged({std::move(read.error().detail)});

  VolumeInspector inspector(damaged);
  const auto so_far = [&] {
    Verified verified = inspector.verified();
    verified.files = tables.files;
    return verified;
  };
  for (const Span span : kSpans) {
    if (store.volumes(span) == nullptr) continue;
    Walk(store, span, extents, inspector, damaged).run([&] {
      if (inspector.verified().volumes % kVolumesBetweenProgress == 0) progress(so_far());
    });
  }
  if (store.former_blocks() != nullptr) {
    auto former = for_each_former_run(store, [](const Run&) -> Result<void> { return {}; });
    if (!former) damaged({std::move(former.error().detail)});
  }
  return so_far();
}

}  // namespace temperature::history
