#include "journal/rocks_journal.h"

#include <fmt/format.h>
#include <rocksdb/convenience.h>
#include <rocksdb/db.h>

#include <chrono>
#include <mutex>
#include <new>
#include <thread>

#include "base/check.h"
#include "base/folder.h"
#include "base/sizes.h"
#include "base/thread.h"
#include "journal/delivery.h"
#include "journal/record.h"
#include "journal/reread.h"
#include "journal/rewrite.h"
#include "journal/rocks_options.h"
#include "journal/wal_files.h"
#include "journal/wal_scan.h"
#include "journal/write_queue.h"
#include "rocks/open_guard.h"
#include "rocks/rocks.h"
#include "rocks/stale_files.h"

namespace temperature::limits {

// Bytes of one commit group, unless a single batch is larger; further batches go into the next group.
inline constexpr std::size_t kGroupBytesMax = 8 * kMiB;
// Batches of one commit group; further ones go into the next group.
inline constexpr std::size_t kGroupBatchesMax = 4'096;

}  // namespace temperature::limits

namespace temperature::journal {
namespace {

constexpr std::size_t kReadaheadBytes = 4 * limits::kMiB;
constexpr std::size_t kScratchBytesKeptMax = limits::kMiB;

}  // namespace

struct RocksJournal::Parts {
  Parts(RocksJournalOptions its_options, const catalogue::Catalogue& its_catalogue)
      : options(std::move(its_options)), catalogue(its_catalogue), queue(options.queue_bytes_max) {}

  void say_closed(const Error& why) {
    if (!said_closed.exchange(true) && options.closed) options.closed(why);
  }

  void note_released() { released.store(first_position(*db).value_or(Position(1)).value() - 1); }
  RocksJournalOptions options;
  const catalogue::Catalogue& catalogue;
  std::atomic<bool> said_closed{false};
  std::atomic<Background> background{Background::fine};
  std::atomic<std::uint64_t> may_go{0};  // groups that begin at or below it may go
  std::unique_ptr<rocksdb::Env> files;
  std::unique_ptr<rocksdb::DB> db;
  std::uint64_t cut_bytes = 0;

  // The writer's own.
  Subscriber* subscriber = nullptr;
  std::uint64_t definitions = 0;  // durable ones
  struct Scratch {
    std::vector<std::string> headers;
    std::vector<rocksdb::Slice> pieces;
    rocksdb::WriteBatch batch;
  } scratch;  // of the group that is written: memory that is used again
  JournalFigures figures;
  std::atomic<std::uint64_t> last{0};
  std::atomic<std::uint64_t> released{0};
  std::atomic<bool> writable{true};

  WriteQueue queue;
  std::mutex failed_mutex;
  std::optional<Error> failed;  // guarded by failed_mutex
  bool writing = false;         // the writer's: RocksDB may have begun to write the group
  std::thread writer;
};

Result<std::unique_ptr<RocksJournal>> RocksJournal::open(RocksJournalOptions options,
                                                         const catalogue::Catalogue& catalogue) {
  auto parts = std::make_unique<Parts>(std::move(options), catalogue);
  const std::filesystem::path& path = parts->options.path;
  if (auto checked = check_files(path); !checked) return std::unexpected(std::move(checked.error()));
  auto scanned = scan_wals(path);
  if (!scanned) return std::unexpected(std::move(scanned.error()));
  parts->cut_bytes = scanned->torn_bytes;
  if (scanned->torn_bytes > 0 && parts->options.log) {
    parts->options.log(
        fmt::format("the journal's tail was torn: {} bytes of a record that is not whole are cut off ({})",
                    scanned->torn_bytes, scanned->torn_file));
  }
  parts->files = wal_files(parts->options.env, std::move(scanned->ends));
  rocksdb::DB* db = nullptr;
  const auto status = rocks::guarded("the journal", path, [&] {
    const auto failed = [each = parts.get()](const rocksdb::Status& why) {
      each->say_closed(error_of(why, "write to the journal", each->options.path));
    };
    const auto how = rocks_options(parts->files.get(), parts->background, failed, parts->options.write_buffer_bytes);
    return rocksdb::DB::Open(how, path.string(), &db);
  });
  if (!status.ok()) {
    Error error = error_of(status, "open the journal", path);
    if (error.code == ErrorCode::journal_failed) error.code = ErrorCode::startup;  // in use, no access
    return std::unexpected(std::move(error));
  }
  parts->db.reset(db);
  const rocksdb::Status named = rocks::sync_name(*db->GetEnv(), path);
  if (!named.ok()) return std::unexpected(error_of(named, "open the journal", path));
  return std::unique_ptr<RocksJournal>(new RocksJournal(std::move(parts)));
}

RocksJournal::RocksJournal(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

RocksJournal::~RocksJournal() {
  stop();
}

Result<Recovery> RocksJournal::start(Position after, Subscriber& subscriber) {
  Parts& parts = *parts_;
  CHECK(parts.subscriber == nullptr);
  parts.subscriber = &subscriber;
  Recovery recovery{.last = after};
  recovery.cut_bytes = parts.cut_bytes;

  rocksdb::ReadOptions read;
  read.fill_cache = false;
  read.readahead_size = kReadaheadBytes;
  const std::unique_ptr<rocksdb::Iterator> groups(parts.db->NewIterator(read));
  groups->SeekForPrev(key_of(next(after)));
  if (!groups->Valid() && groups->status().ok()) groups->SeekToFirst();
  if (!groups->Valid() && groups->status().ok() && after != Position()) {
    return failure(ErrorCode::journal_damaged,
                   fmt::format("the journal is empty, but the store was written up to its record {} (path={})",
                               after.value(), parts.options.path.string()));
  }
  parts.note_released();
  Position expected = groups->Valid() ? Position() : next(after);
  Record record;
  for (; groups->Valid(); groups->Next()) {
    const rocksdb::Slice value = groups->value();
    auto group = GroupReader::open({value.data(), value.size()});
    if (!group) return std::unexpected(std::move(group.error()));
    const bool in_its_place = groups->key() == rocksdb::Slice(key_of(group->first()));
    if (expected == Position()) expected = group->first() <= next(after) ? group->first() : next(after);
    if (!in_its_place) {
      return failure(ErrorCode::journal_damaged,
                     fmt::format("the journal's record {} stands in another's place (path={})", group->first().value(),
                                 parts.options.path.string()));
    }
    if (group->first() != expected) {
      return failure(ErrorCode::journal_damaged,
                     fmt::format("the journal's records {} to {} are missing (path={})", expected.value(),
                                 group->first().value() - 1, parts.options.path.string()));
    }
    expected = Position(expected.value() + group->records());
    if (expected <= next(after)) continue;  // all of it is in the store
    while (!group->done()) {
      if (auto decoded = group->next(record); !decoded) return std::unexpected(std::move(decoded.error()));
      if (record.position <= after) continue;
      if (auto delivered = deliver(Stamp(), record, parts.catalogue, subscriber); !delivered) {
        return std::unexpected(std::move(delivered.error()));
      }
      ++recovery.records;
      recovery.readings += record.readings.size();
    }
  }
  if (!groups->status().ok()) {
    return std::unexpected(error_of(groups->status(), "read the journal", parts.options.path));
  }
  if (expected <= after) {
    return failure(ErrorCode::journal_damaged,
                   fmt::format("the journal ends at record {}, but the store was written up to record {} (path={})",
                               expected.value() - 1, after.value(), parts.options.path.string()));
  }
  recovery.last = Position(expected.value() - 1);
  parts.last.store(recovery.last.value(), std::memory_order_relaxed);
  parts.definitions = parts.catalogue.definitions();
  parts.writer = std::thread([this] { run(); });
  return recovery;
}

void RocksJournal::append(Submission& submission) {
  try {
    encode_record(submission, submission.payload_);
  } catch (const std::bad_alloc&) {
    submission.payload_ = {};
    return submission.finished(std::unexpected(no_memory()));
  }
  if (const auto failed = failure_of_the_past()) return submission.finished(std::unexpected(*failed));
  if (auto added = parts_->queue.add(submission, submission.payload_.size()); !added) {
    submission.finished(std::unexpected(std::move(added.error())));
  }
}

std::optional<Error> RocksJournal::failure_of_the_past() const {
  if (parts_->writable.load(std::memory_order_relaxed)) return std::nullopt;  // no lock while all is well
  const std::lock_guard lock(parts_->failed_mutex);
  return parts_->failed;
}

// The writer: takes all that wait, commits them as few groups, one sync each.
void RocksJournal::run() {
  name_thread("journal");
  Parts& parts = *parts_;
  std::vector<Submission*> taken;
  while (parts.queue.take(taken)) {
    const auto began = std::chrono::steady_clock::now();
    std::span<Submission* const> rest(taken);
    while (!rest.empty()) {
      std::size_t count = 0;
      std::size_t bytes = 0;
      while (count < rest.size() && count < limits::kGroupBatchesMax &&
             (count == 0 || bytes + rest[count]->payload_.size() <= limits::kGroupBytesMax)) {
        bytes += rest[count++]->payload_.size();
      }
      commit(rest.first(count));
      rest = rest.subspan(count);
    }
    parts.queue.committed(std::chrono::steady_clock::now() - began);
    taken.clear();
  }
}

void RocksJournal::commit(std::span<Submission* const> group) {
  Parts& parts = *parts_;
  auto first = write(group);
  if (!first) {
    // For want of memory nothing was written: the journal is as it was.
    const bool untouched = first.error().code == ErrorCode::overloaded;
    const Error failed = untouched ? first.error() : fail(first.error());
    for (Submission* submission : group) submission->finished(std::unexpected(failed));
    return;
  }
  Position position = *first;
  for (Submission* submission : group) {
    deliver(Stamp(), position, *submission, *parts.subscriber);
    submission->finished(position);
    position = next(position);
  }
}

// Writes and syncs one group; returns the position of its first batch.
Result<Position> RocksJournal::write(std::span<Submission* const> group) {
  Parts& parts = *parts_;
  parts.writing = false;
  try {
    return write_batch(group);
  } catch (const std::bad_alloc&) {
    if (parts.writing) throw;  // what is on the disk only a start can tell
    parts.scratch.batch = rocksdb::WriteBatch();
    return std::unexpected(no_memory());
  }
}

Result<Position> RocksJournal::write_batch(std::span<Submission* const> group) {
  Parts& parts = *parts_;
  if (auto failed = failure_of_the_past()) return std::unexpected(std::move(*failed));
  if (auto trouble = error_of(parts.background.load(std::memory_order_relaxed), parts.options.path)) {
    return std::unexpected(std::move(*trouble));
  }
  std::uint64_t definitions = parts.definitions;
  for (const Submission* submission : group) definitions = std::max(definitions, submission->definitions());
  const auto defined = parts.catalogue.definitions(parts.definitions, definitions);
  const Position first = next(Position(parts.last.load(std::memory_order_relaxed)));
  Position position = first;
  std::string definitions_record;
  if (!defined.empty()) {
    definitions_record = encode_definitions(group.front()->received(), defined);
  }
  const auto records = static_cast<std::uint32_t>(group.size() + (defined.empty() ? 0 : 1));
  auto& [headers, pieces, batch] = parts.scratch;
  headers.clear();
  headers.reserve(records + std::size_t{1});  // the slices point into it
  pieces.clear();
  pieces.emplace_back(headers.emplace_back(encode_group_header(first, records)));
  const auto add = [&](const std::string& record) {
    pieces.emplace_back(headers.emplace_back(encode_record_header(position, record)));
    pieces.emplace_back(record);
    position = next(position);
  };
  if (!defined.empty()) add(definitions_record);
  for (const Submission* submission : group) add(submission->payload_);

  const std::string key = key_of(first);
  const rocksdb::Slice key_slice(key);
  if (batch.GetDataSize() > kScratchBytesKeptMax) batch = rocksdb::WriteBatch();
  batch.Clear();
  batch.Put(rocksdb::SliceParts(&key_slice, 1), rocksdb::SliceParts(pieces.data(), static_cast<int>(pieces.size())));
  rocksdb::WriteOptions options;
  options.sync = true;
  const auto began = std::chrono::steady_clock::now();
  parts.writing = true;
  const rocksdb::Status status = parts.db->Write(options, &batch);
  if (!status.ok()) return std::unexpected(error_of(status, "write to the journal", parts.options.path));
  parts.figures.sync_ns.observe(static_cast<std::uint64_t>((std::chrono::steady_clock::now() - began).count()));
  parts.figures.groups.fetch_add(1, std::memory_order_relaxed);
  parts.figures.batches.fetch_add(group.size(), std::memory_order_relaxed);
  parts.figures.bytes.fetch_add(batch.GetDataSize(), std::memory_order_relaxed);
  parts.last.store(position.value() - 1, std::memory_order_release);
  parts.definitions = definitions;
  if (defined.empty()) return first;
  const auto taken = parts.subscriber->defined(first, defined);
  CHECK(taken);  // they came out of the catalogue
  return next(first);
}

// Closes the journal for writing and says so from now on.
Error RocksJournal::fail(const Error& error) {
  Parts& parts = *parts_;
  parts.writable.store(false, std::memory_order_relaxed);
  const std::lock_guard lock(parts.failed_mutex);
  // Whatever it was, the disk's contents are unknown now: only a restart can tell.
  if (!parts.failed) {
    parts.failed = error.code == ErrorCode::disk_full ? error : Error{ErrorCode::journal_failed, error.detail};
    parts.say_closed(*parts.failed);
  }
  return *parts.failed;
}

Result<std::optional<Position>> RocksJournal::read(Position after, Position upto, const TakeRecord& take) const {
  const Position last(parts_->last.load(std::memory_order_acquire));
  return read_again(*parts_->db, parts_->options.path, after, std::min(upto, last), take);
}

Result<void> RocksJournal::release(Position position) {
  Parts& parts = *parts_;
  // A group goes when all its records may: the one that holds the record after `position` stays. So
  // does the last group: an empty journal beside a store that was written is a loss, not a release.
  const std::uint64_t last = parts.last.load(std::memory_order_relaxed);
  if (last == 0 || position == Position()) return {};
  rocksdb::Status status;
  {
    const std::unique_ptr<rocksdb::Iterator> kept(parts.db->NewIterator({}));
    kept->SeekForPrev(key_of(Position(std::min(position.value(), last - 1) + 1)));
    status = kept->status();
    const auto first_kept = kept->Valid() ? position_of(kept->key()) : std::nullopt;
    if (status.ok() && (!first_kept || first_kept->value() <= 1)) return {};
    if (status.ok()) position = Position(first_kept->value() - 1);
  }
  if (status.ok()) {
    parts.may_go.store(position.value(), std::memory_order_relaxed);
    const KeyRange range(Position(), position);
    status = rocksdb::DeleteFilesInRange(parts.db.get(), parts.db->DefaultColumnFamily(), &range.begin, &range.end);
  }
  if (!status.ok()) return std::unexpected(error_of(status, "release the journal", parts.options.path));
  parts.note_released();
  return {};
}

Result<void> RocksJournal::settle() {
  const Position kept(parts_->may_go.load(std::memory_order_relaxed) + 1);
  const auto first = first_position(*parts_->db);
  if (!first || *first >= kept) return {};
  return rewrite_without(*parts_->db, parts_->options.path, {*first, kept}, /*thorough=*/false);
}

// Even where nobody sees its records any more: another's tidying up may not be at its end.
Result<bool> RocksJournal::purge(Position position) {
  Parts& parts = *parts_;
  if (position.value() > std::max(parts.may_go.load(std::memory_order_relaxed), parts.released.load())) return false;
  const auto rewritten = rewrite_without(*parts.db, parts.options.path, {Position(), next(position)}, true);
  if (!rewritten) return std::unexpected(rewritten.error());
  parts.note_released();
  return rocks::have_gone(*parts.db, parts.options.path, rocks::stale_files(*parts.db, parts.options.path));
}

void RocksJournal::stop() {
  Parts& parts = *parts_;
  parts.writable.store(false, std::memory_order_relaxed);
  parts.queue.close();
  if (parts.writer.joinable()) parts.writer.join();
}

JournalStatus RocksJournal::status() const {
  const Parts& parts = *parts_;
  JournalStatus status{.last = Position(parts.last.load(std::memory_order_relaxed)),
                       .released = Position(parts.released.load(std::memory_order_relaxed)),
                       .writable = parts.writable.load(std::memory_order_relaxed) &&
                                   parts.background.load(std::memory_order_relaxed) == Background::fine};
  status.queue_bytes = parts.queue.bytes();
  return status;
}

std::uint64_t RocksJournal::bytes_on_disk() const {
  return bytes_of_files(parts_->options.path);
}

const JournalFigures& RocksJournal::figures() const {
  return parts_->figures;
}

rocksdb::DB& RocksJournal::db() const {
  return *parts_->db;
}

}  // namespace temperature::journal
