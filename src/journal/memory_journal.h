#pragma once

#include <mutex>
#include <optional>
#include <vector>

#include "catalogue/catalogue.h"
#include "journal/journal.h"

namespace temperature::journal {

// A journal without files, for tests: append() commits and delivers before it returns.
class MemoryJournal final : public Journal {
 public:
  // What a restart would find: the records' bytes, in order from position `first`.
  struct Contents {
    Position first{1};
    std::vector<std::string> records;
  };

  explicit MemoryJournal(const catalogue::Catalogue& catalogue) : catalogue_(catalogue) {}
  MemoryJournal(const catalogue::Catalogue& catalogue, Contents contents)
      : catalogue_(catalogue), contents_(std::move(contents)) {}

  Result<Recovery> start(Position after, Subscriber& subscriber) override;
  void append(Submission& submission) override;
  [[nodiscard]] Result<std::optional<Position>> read(Position after, Position upto,
                                                     const TakeRecord& take) const override;
  Result<void> release(Position position) override;
  Result<bool> purge(Position position) override { return status().released >= position; }
  Result<void> settle() override { return {}; }
  void stop() override;
  [[nodiscard]] JournalStatus status() const override;
  [[nodiscard]] std::uint64_t bytes_on_disk() const override { return 0; }
  [[nodiscard]] const JournalFigures& figures() const override { return figures_; }

  [[nodiscard]] Contents contents() const;
  // The next commit fails so, and with it the journal.
  void fail_next(Error error);

 private:
  Result<Position> commit(Submission& submission);
  // REQUIRES: mutex_ is held, and the record is there.
  Result<void> decode(Position position, Record& record) const;
  [[nodiscard]] Position last() const { return Position(contents_.first.value() + contents_.records.size() - 1); }

  const catalogue::Catalogue& catalogue_;
  mutable std::mutex mutex_;
  Contents contents_;
  Subscriber* subscriber_ = nullptr;
  std::uint64_t definitions_ = 0;  // durable ones
  std::optional<Error> failing_;
  std::optional<Error> failed_;
  bool stopped_ = false;
  JournalFigures figures_;
};

}  // namespace temperature::journal
