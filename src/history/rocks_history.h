#pragma once

#include <filesystem>
#include <memory>

#include "history/history.h"

namespace rocksdb {
class Env;
}

namespace temperature::history {

struct RocksHistoryOptions {
  std::filesystem::path path;   // the folder; made if it is not there
  rocksdb::Env* env = nullptr;  // nullptr: the machine's; tests put faults here
};

// The embedded history: blocks of a series' readings, a day of UTC at most in each, in a RocksDB
// instance of its own. docs/formats/history.md draws keys and values.
class RocksHistory final : public History {
 public:
  // Errors: startup (in use, no access), history_failed (damaged), disk_full.
  static Result<std::unique_ptr<RocksHistory>> open(const RocksHistoryOptions& options);
  ~RocksHistory() override;

  Result<void> write(std::span<const Run> runs) override;
  Result<void> commit(Position safe, std::uint64_t definitions_from,
                      std::span<const catalogue::Definition> definitions) override;
  [[nodiscard]] Position safe_position() const override;
  [[nodiscard]] std::uint64_t definitions_stored() const override;
  Result<void> read_definitions(const std::function<Result<void>(const catalogue::Definition&)>& take) override;
  Result<void> read_extents(const std::function<void(const SeriesExtent&)>& take) override;
  Result<void> read(SeriesId series, Timestamp from, Timestamp to, std::size_t limit,
                    std::vector<Sample>& out) const override;
  Result<std::optional<double>> find(SeriesId series, Timestamp timestamp) const override;
  Result<std::optional<Sample>> last_at(SeriesId series, Timestamp at) const override;
  [[nodiscard]] std::uint64_t bytes_on_disk() const override;

 private:
  struct Parts;
  explicit RocksHistory(std::unique_ptr<Parts> parts);
  Result<void> load();

  std::unique_ptr<Parts> parts_;
};

}  // namespace temperature::history
