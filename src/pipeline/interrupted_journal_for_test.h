#pragma once

#include <functional>

#include "journal/journal.h"

namespace temperature::pipeline {

// A journal that lets something happen between a batch's look into the history and its delivery.
class InterruptedJournal final : public journal::Journal {
 public:
  explicit InterruptedJournal(journal::Journal& inner) : inner_(inner) {}
  std::function<void()> before_append = [] {};

  Result<journal::Recovery> start(Position after, journal::Subscriber& subscriber) override {
    return inner_.start(after, subscriber);
  }
  void append(journal::Submission& submission) override {
    const auto interrupt = before_append;  // it may set another one
    interrupt();
    inner_.append(submission);
  }
  Result<void> release(Position position) override { return inner_.release(position); }
  [[nodiscard]] Result<std::optional<Position>> read(Position after, Position upto,
                                                     const journal::TakeRecord& take) const override {
    return inner_.read(after, upto, take);
  }
  Result<void> settle() override { return inner_.settle(); }
  Result<bool> purge(Position position) override { return inner_.purge(position); }
  void stop() override { inner_.stop(); }
  [[nodiscard]] journal::JournalStatus status() const override { return inner_.status(); }
  [[nodiscard]] std::uint64_t bytes_on_disk() const override { return inner_.bytes_on_disk(); }
  [[nodiscard]] const journal::JournalFigures& figures() const override { return inner_.figures(); }

 private:
  journal::Journal& inner_;
};

}  // namespace temperature::pipeline
