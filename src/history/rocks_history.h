#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "history/history.h"

namespace rocksdb {
class DB;
class Env;
}  // namespace rocksdb

namespace temperature::history {

class RocksStore;

struct RocksHistoryOptions {
  std::filesystem::path path;                        // the folder; made if it is not there
  rocksdb::Env* env = nullptr;                       // nullptr: the machine's; tests put faults here
  std::function<void(const std::string&)> log = {};  // told of damage that is met in the background; may be empty
};

// The embedded history: volumes of a series' chunks, in a RocksDB instance of its own.
// docs/formats/history.md draws keys and values.
class RocksHistory final : public History {
 public:
  // Reads the former format's blocks over when there are some, which takes a while.
  // Errors: startup (in use, no access), history_failed (damaged), disk_full.
  static Result<std::unique_ptr<RocksHistory>> open(const RocksHistoryOptions& options);
  // To look at it, not to write: what is of the former format stays so. Nobody else may write to it.
  static Result<std::unique_ptr<RocksHistory>> open_to_look(const std::filesystem::path& folder);
  ~RocksHistory() override;

  Result<void> write(std::span<const Run> runs) override;
  using History::erase;
  Result<Erased> erase(SeriesId series, Timestamp from, Timestamp to, Tally* tally) override;
  [[nodiscard]] Result<std::optional<Tally>> tally(Position position) const override;
  Result<void> put_tally(const Tally& tally) override;
  void note(audit::Entry entry) override;
  [[nodiscard]] audit::Head audit_head() const override;
  Result<void> read_audit(Position after,
                          const std::function<bool(Position position, std::string_view bytes)>& take) const override;
  Result<void> replace(SeriesId series, std::span<const Sample> samples) override;
  Result<void> commit(Position safe, std::uint64_t definitions_from,
                      std::span<const catalogue::Definition> definitions) override;
  [[nodiscard]] Position safe_position() const override;
  [[nodiscard]] std::uint64_t definitions_stored() const override;
  Result<void> read_definitions(const std::function<Result<void>(const catalogue::Definition&)>& take) override;
  Result<void> read_extents(const std::function<void(const SeriesExtent&)>& take) override;
  [[nodiscard]] std::unique_ptr<HistoryView> view() const override;
  Result<void> settle() override;
  void stop_settling() override;
  Result<Weight> weigh(Timestamp upto, const std::function<Timestamp(SeriesId)>& keep_from) const override;
  Result<void> expire(Timestamp after, Timestamp upto, const std::function<Timestamp(SeriesId)>& keep_from) override;
  [[nodiscard]] Purges& purges() override;
  [[nodiscard]] std::uint64_t bytes_on_disk() const override;
  [[nodiscard]] const HistoryFigures& figures() const override;

  // The instance, for backups and for looking at every byte.
  [[nodiscard]] rocksdb::DB& db() const;
  [[nodiscard]] const RocksStore& store() const;

 private:
  struct Parts;
  explicit RocksHistory(std::unique_ptr<Parts> parts);
  Result<void> load();
  Result<void> load_numbers();
  Result<void> read_former_blocks();

  std::unique_ptr<Parts> parts_;
};

}  // namespace temperature::history
