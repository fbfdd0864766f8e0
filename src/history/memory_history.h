#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <string>

#include "history/history.h"
#include "history/memory_purges.h"

namespace temperature::history {

using SampleTable = std::map<SeriesId, std::map<Timestamp, double>>;

// A history without files, for tests.
class MemoryHistory final : public History {
 public:
  // What a restart would find.
  struct Contents {
    // Shared with views: a writer makes a copy then.
    std::shared_ptr<SampleTable> samples = std::make_shared<SampleTable>();
    std::map<SeriesId, SeriesExtent> extents;
    std::vector<catalogue::Definition> definitions;
    Position safe;
    std::map<Position, Tally> tallies;
    std::map<Position, std::string> audit;
    audit::Head audit_head;
  };

  MemoryHistory() = default;
  explicit MemoryHistory(Contents contents) : contents_(std::move(contents)) {}

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
  Result<void> settle() override { return {}; }
  void stop_settling() override {}
  Result<Weight> weigh(Timestamp upto, const std::function<Timestamp(SeriesId)>& keep_from) const override;
  Result<void> expire(Timestamp after, Timestamp upto, const std::function<Timestamp(SeriesId)>& keep_from) override;
  [[nodiscard]] Purges& purges() override { return purges_; }
  [[nodiscard]] std::uint64_t bytes_on_disk() const override { return 0; }
  [[nodiscard]] const HistoryFigures& figures() const override { return figures_; }

  [[nodiscard]] Contents contents() const;
  void fail_next_commit() { failing_.store(true); }

 private:
  SampleTable& own_samples();

  mutable std::mutex mutex_;
  Contents contents_;
  std::map<Position, audit::Entry> noted_;
  std::atomic<bool> failing_{false};
  HistoryFigures figures_;
  MemoryPurges purges_;
};

}  // namespace temperature::history
