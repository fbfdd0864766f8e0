#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <string_view>

#include "catalogue/catalogue.h"
#include "history/history.h"
#include "history/memory_history.h"
#include "journal/journal.h"
#include "journal/memory_journal.h"

// A journal and a history for tests of the way, and what a restart finds of them.
namespace temperature::pipeline {

// A history whose commits fail when told to, after it has written what it was given; or whose writes do.
class FailingHistory final : public history::History {
 public:
  explicit FailingHistory(history::History& inner) : inner_(inner) {}

  void fail_commits(int commits) { failing_.store(commits); }
  // The same, but for the next.
  void fail_commits_but_next(int commits) {
    next_passes_.store(true);
    failing_.store(commits);
  }
  [[nodiscard]] int commits_to_fail() const { return failing_.load(); }
  void fail_reads(bool failing) { reads_fail_.store(failing); }
  void fail_writes(bool failing) { writes_fail_.store(failing); }
  // From the n-th erasure on, counted from now, none succeeds.
  void fail_erasures_after(int erasures) { erasures_left_.store(erasures); }
  // Called at each erasure, while a flush is under way. Set while there is none.
  void at_erasures(std::function<void()> told) { at_erasures_ = std::move(told); }

  Result<void> write(std::span<const history::Run> runs) override;
  using History::erase;
  Result<history::Erased> erase(SeriesId series, Timestamp from, Timestamp to, history::Tally* tally) override;
  [[nodiscard]] Result<std::optional<history::Tally>> tally(Position position) const override {
    return inner_.tally(position);
  }
  Result<void> put_tally(const history::Tally& tally) override;
  void note(audit::Entry entry) override { inner_.note(std::move(entry)); }
  [[nodiscard]] audit::Head audit_head() const override { return inner_.audit_head(); }
  Result<void> read_audit(Position after,
                          const std::function<bool(Position position, std::string_view bytes)>& take) const override {
    return inner_.read_audit(after, take);
  }
  Result<void> replace(SeriesId series, std::span<const Sample> samples) override;
  Result<void> commit(Position safe, std::uint64_t definitions_from,
                      std::span<const catalogue::Definition> definitions) override;
  [[nodiscard]] Position safe_position() const override { return inner_.safe_position(); }
  [[nodiscard]] std::uint64_t definitions_stored() const override { return inner_.definitions_stored(); }
  Result<void> read_definitions(const std::function<Result<void>(const catalogue::Definition&)>& take) override {
    return inner_.read_definitions(take);
  }
  Result<void> read_extents(const std::function<void(const history::SeriesExtent&)>& take) override {
    return inner_.read_extents(take);
  }
  [[nodiscard]] std::unique_ptr<history::HistoryView> view() const override;
  Result<void> settle() override { return inner_.settle(); }
  void stop_settling() override { inner_.stop_settling(); }
  Result<void> expire(Timestamp after, Timestamp upto, const std::function<Timestamp(SeriesId)>& keep_from) override {
    return inner_.expire(after, upto, keep_from);
  }
  Result<history::Weight> weigh(Timestamp upto, const std::function<Timestamp(SeriesId)>& keep_from) const override {
    return inner_.weigh(upto, keep_from);
  }
  [[nodiscard]] history::Purges& purges() override { return inner_.purges(); }
  [[nodiscard]] std::uint64_t bytes_on_disk() const override { return inner_.bytes_on_disk(); }
  [[nodiscard]] const history::HistoryFigures& figures() const override { return inner_.figures(); }

 private:
  history::History& inner_;
  std::atomic<int> failing_{0};
  std::atomic<bool> next_passes_{false};
  std::atomic<bool> reads_fail_{false};
  std::atomic<bool> writes_fail_{false};
  std::atomic<int> erasures_left_{std::numeric_limits<int>::max()};
  std::function<void()> at_erasures_;
};

class Stores {
 public:
  virtual ~Stores() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;

  // Opens what there is: nothing the first time. Afterwards journal() and history() are there.
  virtual void open(const catalogue::Catalogue& catalogue) = 0;
  // Closes both. After crash() nothing more reached the disk than what had when it was called.
  virtual void crash() = 0;
  virtual void close() = 0;

  // From the n-th write to a file on, counted from now, nothing reaches the disk any more.
  virtual void freeze_after(int writes) = 0;
  // The next batch does not get into the journal, or only a part of it does.
  virtual void tear_next_write(int writes) = 0;

  [[nodiscard]] virtual journal::Journal& journal() = 0;
  [[nodiscard]] virtual FailingHistory& history() = 0;
  // Where they are; empty: in memory.
  [[nodiscard]] virtual std::filesystem::path folder() const { return {}; }
};

class MemoryStores final : public Stores {
 public:
  [[nodiscard]] std::string_view name() const override { return "memory"; }
  void open(const catalogue::Catalogue& catalogue) override;
  void crash() override;
  void close() override { crash(); }
  void freeze_after(int) override {}
  void tear_next_write(int) override;
  [[nodiscard]] journal::MemoryJournal& journal() override { return *journal_; }
  [[nodiscard]] FailingHistory& history() override { return *failing_; }

 private:
  journal::MemoryJournal::Contents journalled_;
  history::MemoryHistory::Contents stored_;
  std::unique_ptr<journal::MemoryJournal> journal_;
  std::unique_ptr<history::MemoryHistory> history_;
  std::unique_ptr<FailingHistory> failing_;
};

// RocksDB instances in a temporary folder, over an environment that can freeze.
std::unique_ptr<Stores> make_rocks_stores();

}  // namespace temperature::pipeline
