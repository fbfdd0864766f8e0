#pragma once

#include <atomic>
#include <map>
#include <mutex>

#include "history/history.h"

namespace temperature::history {

// A history without files, for tests.
class MemoryHistory final : public History {
 public:
  // What a restart would find.
  struct Contents {
    std::map<SeriesId, std::map<Timestamp, double>> samples;
    std::map<SeriesId, SeriesExtent> extents;
    std::vector<catalogue::Definition> definitions;
    Position safe;
  };

  MemoryHistory() = default;
  explicit MemoryHistory(Contents contents) : contents_(std::move(contents)) {}

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
  [[nodiscard]] std::uint64_t bytes_on_disk() const override { return 0; }

  [[nodiscard]] Contents contents() const;
  void fail_next_commit() { failing_.store(true); }

 private:
  mutable std::mutex mutex_;
  Contents contents_;
  std::map<SeriesId, SeriesExtent> written_extents_;
  std::atomic<bool> failing_{false};
};

}  // namespace temperature::history
