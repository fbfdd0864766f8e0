#include "journal/verify.h"

#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/sst_file_reader.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <vector>

#include "journal/record.h"
#include "journal/rocks_options.h"
#include "journal/wal_files.h"
#include "journal/wal_scan.h"
#include "rocks/open_guard.h"

namespace temperature::journal {
namespace {

using Tell = std::function<void(const std::string&)>;

constexpr std::uint64_t kGroupsBetweenProgress = 1'000;

class Inspection {
 public:
  Inspection(catalogue::Catalogue& catalogue, const Tell& damaged) : catalogue_(catalogue), damaged_(damaged) {}

  void inspect_group(Position key, std::string_view value) {
    auto group = GroupReader::open(value);
    if (!group) return lose(key, group.error().detail);
    if (group->first() != key) {
      damaged_(fmt::format("the journal's record {} stands in the place of {}", group->first().value(), key.value()));
    }
    expect(group->first());
    while (!group->done()) {
      Record record;
      if (auto read = group->next(record); !read) {
        damaged_(read.error().detail);
        break;
      }
      inspect_record(record);
    }
    verified.last = Position(group->first().value() + group->records() - 1);
  }

  Verified verified;

 private:
  void lose(Position key, const std::string& why) {
    damaged_(fmt::format("the journal's records from {} on cannot be read: {}", key.value(), why));
    expect(key);
    gap_known_ = true;
  }

  // Positions are dense.
  void expect(Position position) {
    if (verified.first == Position()) verified.first = position;
    if (verified.last != Position() && position != next(verified.last) && !gap_known_) {
      damaged_(
          fmt::format("the journal's records {} to {} are missing", verified.last.value() + 1, position.value() - 1));
    }
    gap_known_ = false;
  }

  void inspect_record(Record& record) {
    ++verified.records;
    verified.deletions += record.kind == RecordKind::deletion ? 1 : 0;
    verified.readings += record.readings.size();
    for (const catalogue::Definition& definition : record.definitions) {
      if (auto restored = catalogue_.restore(definition); !restored) damaged_(restored.error().detail);
    }
    if (record.kind != RecordKind::readings && record.kind != RecordKind::correction) return;
    if (const auto unknown = catalogue_.set_places(record.readings)) {
      damaged_(fmt::format("the journal's record {} has readings of series {}, which nothing defines",
                           record.position.value(), unknown->value()));
    }
  }

  catalogue::Catalogue& catalogue_;
  const Tell& damaged_;
  bool gap_known_ = false;
};

// Tells of each table whose checksums are wrong; returns the first positions of all of them, in order.
std::vector<Position> verify_tables(rocksdb::DB& db, const Tell& damaged) {
  std::vector<rocksdb::LiveFileMetaData> files;
  db.GetLiveFilesMetaData(&files);
  std::vector<Position> begins;
  for (const auto& file : files) {
    const auto first = position_of(file.smallestkey).value_or(Position());
    begins.push_back(first);
    rocksdb::SstFileReader table((rocksdb::Options()));
    rocksdb::Status status = table.Open(file.db_path + file.name);
    if (status.ok()) status = table.VerifyChecksum();
    if (status.ok()) continue;
    damaged(fmt::format("the journal's table {}{} is damaged; it has records from {} to {} or a few more: {}",
                        file.db_path, file.name, first.value(),
                        position_of(file.largestkey).value_or(Position()).value(), status.ToString()));
  }
  std::ranges::sort(begins);
  return begins;
}

// Behind a block that cannot be read the next table may be well.
bool skip_damage(rocksdb::Iterator& groups, Position last, const std::vector<Position>& begins) {
  for (const Position begin : begins) {
    if (begin <= last) continue;
    groups.Seek(key_of(begin));
    if (groups.Valid()) return true;
  }
  return false;
}

void check_reach(const Verified& verified, Position safe, const Tell& damaged) {
  if (verified.last < safe) {
    damaged(fmt::format("the journal ends at record {}, but the history was written up to record {}",
                        verified.last.value(), safe.value()));
  } else if (verified.first > next(safe)) {
    damaged(fmt::format("the journal's records {} to {} are missing: the history was written up to record {}",
                        safe.value() + 1, verified.first.value() - 1, safe.value()));
  }
}

}  // namespace

Verified verify(const std::filesystem::path& folder, Position safe, catalogue::Catalogue& catalogue,
                const Tell& damaged, const std::function<void(const Verified&)>& progress) {
  Inspection inspection(catalogue, damaged);
  const auto checked = check_files(folder);
  if (!checked) damaged(checked.error().detail);
  WalEnds ends;
  if (auto scanned = scan_wals(folder); scanned) {
    inspection.verified.torn_bytes = scanned->torn_bytes;
    ends = std::move(scanned->ends);
  } else {
    damaged(scanned.error().detail);
  }
  std::atomic<Background> background{Background::fine};
  const auto files = wal_files(nullptr, std::move(ends));
  rocksdb::Options options = rocks_options(files.get(), background);
  options.create_if_missing = false;
  rocksdb::DB* opened = nullptr;
  const auto status = rocks::guarded("the journal", folder,
                                     [&] { return rocksdb::DB::OpenForReadOnly(options, folder.string(), &opened); });
  if (!status.ok()) {
    if (checked) damaged(error_of(status, "open the journal", folder).detail);  // else it is said
    return inspection.verified;
  }
  const std::unique_ptr<rocksdb::DB> db(opened);
  const auto begins = verify_tables(*db, damaged);
  rocksdb::ReadOptions read;
  read.fill_cache = false;
  const std::unique_ptr<rocksdb::Iterator> groups(db->NewIterator(read));
  std::uint64_t seen = 0;
  groups->SeekToFirst();
  while (true) {
    for (; groups->Valid(); groups->Next()) {
      const auto key = position_of(groups->key());
      if (!key) damaged("a key of the journal has the wrong length");
      if (key) inspection.inspect_group(*key, {groups->value().data(), groups->value().size()});
      if (++seen % kGroupsBetweenProgress == 0) progress(inspection.verified);
    }
    if (groups->status().ok()) break;
    damaged(fmt::format("the journal's records from {} on cannot be read: {}", inspection.verified.last.value() + 1,
                        groups->status().ToString()));
    if (!skip_damage(*groups, inspection.verified.last, begins)) break;
  }
  check_reach(inspection.verified, safe, damaged);
  return inspection.verified;
}

}  // namespace temperature::journal
