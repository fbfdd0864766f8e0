#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "catalogue/catalogue.h"
#include "history/history.h"
#include "journal/journal.h"
#include "model/journal_id.h"
#include "pipeline/late_readings.h"
#include "pipeline/look_ups.h"
#include "pipeline/pending_deletions.h"
#include "pipeline/remedies.h"
#include "pipeline/service_state.h"
#include "window/windows.h"

namespace temperature::pipeline {

class PendingWrite;

// Takes what the journal delivers, in order: decides duplicates and feeds the windows. Recovery,
// normal running and a second replica are this same code. One thread at a time; the figures: any.
class Applier final : public journal::Subscriber {
 public:
  Applier(catalogue::Catalogue& catalogue, window::Windows& windows, const history::HistorySource& history,
          HistoryGeneration& generation, LookUps& look_ups, PendingDeletions& deletions, ServiceState& state,
          Remedies remedies = {});

  // Called after a batch when so many readings wait for the history, or when one has to be passed by a flush. Set
  // before delivery begins.
  void on_unflushed(std::function<void()> wake) { wake_ = std::move(wake); }
  void set_flush_at(std::uint64_t unflushed) { flush_at_.store(unflushed, std::memory_order_relaxed); }

  // Told on the journal's thread, before position() reaches it, which rows of a record were not fresh, in order: of
  // each record that has such, but for those of recovery. Of a correction: those that do not stand in their place
  // afterwards, or did before. Set before delivery begins.
  using NotTaken = std::function<void(Position record, std::span<const std::uint32_t> rows)>;
  void on_not_taken(NotTaken tell) { not_taken_ = std::move(tell); }

  Result<void> defined(Position position, std::span<const catalogue::Definition> definitions) override;
  void apply(const Journalled& batch, journal::Submission* submission) override;
  void replace(const JournalledCorrection& correction, journal::Submission* submission) override;
  void remove(const JournalledDeletion& deletion, journal::Submission* submission) override;
  void pass_over(Position position) override { position_.store(position.value(), std::memory_order_release); }

  // Recovery, before delivery begins: everything up to here is in the history already.
  void begin_after(Position position) { position_.store(position.value(), std::memory_order_release); }

  // Of the journal that delivers, for the audit. Set before delivery begins.
  void name_journal(JournalId journal) { journal_ = journal; }

  // Everything up to here has been applied.
  [[nodiscard]] Position position() const { return Position(position_.load(std::memory_order_acquire)); }

  struct Figures {
    std::atomic<std::uint64_t> fresh{0};
    std::atomic<std::uint64_t> duplicates{0};
    std::atomic<std::uint64_t> conflicts{0};
    std::atomic<std::uint64_t> replaced{0};
    std::atomic<std::uint64_t> recovered{0};
  };
  [[nodiscard]] const Figures& figures() const { return figures_; }

  // Why the first reading that recovery could not decide was not taken.
  [[nodiscard]] std::optional<Error> recovery_trouble() const { return recovery_trouble_; }

 private:
  window::Applied& begin(PendingWrite* write);
  void note(const Journalled& batch, const LateArchive& archive, const window::Applied& applied, PendingWrite* write);
  void note_undecided(const Journalled& batch, const Error& why, const window::Applied& applied, PendingWrite* write);

  catalogue::Catalogue& catalogue_;
  window::Windows& windows_;
  const history::HistorySource& history_;
  HistoryGeneration& generation_;
  LookUps& look_ups_;
  PendingDeletions& deletions_;
  ServiceState& state_;
  const Remedies remedies_;
  JournalId journal_;
  std::function<void()> wake_;
  NotTaken not_taken_;
  std::atomic<std::uint64_t> flush_at_{UINT64_MAX};
  std::atomic<std::uint64_t> position_{0};
  Figures figures_;
  window::Applied recovered_;  // scratch
  std::optional<Error> recovery_trouble_;
};

}  // namespace temperature::pipeline
