#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/sizes.h"
#include "catalogue/catalogue.h"
#include "journal/journal.h"

namespace temperature::limits {

// Bytes of the batches that wait for the journal; a write that would add more is refused (overloaded).
inline constexpr std::size_t kQueueBytesMax = 256 * kMiB;

}  // namespace temperature::limits

namespace rocksdb {
class DB;
class Env;
}  // namespace rocksdb

namespace temperature::journal {

struct RocksJournalOptions {
  std::filesystem::path path;                   // the folder; made if it is not there
  rocksdb::Env* env = nullptr;                  // nullptr: the machine's; tests put faults here
  std::function<void(const std::string&)> log;  // told of a torn tail that was cut; may be empty
  // Told once, on whatever thread finds it out, when nothing more is written until it is opened again; may be empty.
  std::function<void(const Error& why)> closed = {};
  std::size_t queue_bytes_max = limits::kQueueBytesMax;  // batches that wait
  std::size_t write_buffer_bytes = 0;                    // in memory before they become a file; 0: 16 MiB
};

// The embedded journal: one value of a RocksDB instance for each commit group, synced before it is
// delivered. A write or sync that fails closes it for writing until it is opened again.
class RocksJournal final : public Journal {
 public:
  // The catalogue must outlive the journal. Errors: journal_damaged, startup (in use, no access), disk_full.
  static Result<std::unique_ptr<RocksJournal>> open(RocksJournalOptions options, const catalogue::Catalogue& catalogue);
  ~RocksJournal() override;

  Result<Recovery> start(Position after, Subscriber& subscriber) override;
  void append(Submission& submission) override;
  [[nodiscard]] Result<std::optional<Position>> read(Position after, Position upto,
                                                     const TakeRecord& take) const override;
  Result<void> release(Position position) override;
  Result<void> settle() override;
  Result<bool> purge(Position position) override;
  void stop() override;
  [[nodiscard]] JournalStatus status() const override;
  [[nodiscard]] std::uint64_t bytes_on_disk() const override;
  [[nodiscard]] const JournalFigures& figures() const override;

  // The instance, for backups.
  [[nodiscard]] rocksdb::DB& db() const;

 private:
  struct Parts;
  explicit RocksJournal(std::unique_ptr<Parts> parts);

  void run();
  void commit(std::span<Submission* const> group);
  Result<Position> write(std::span<Submission* const> group);
  Result<Position> write_batch(std::span<Submission* const> group);
  Error fail(const Error& error);
  [[nodiscard]] std::optional<Error> failure_of_the_past() const;

  std::unique_ptr<Parts> parts_;
};

}  // namespace temperature::journal
