#include "pipeline/look_ups.h"

#include <fmt/format.h>

#include "base/time.h"

namespace temperature::pipeline {

void LookUps::failed(const Error& why) {
  writes_failed_.fetch_add(1, std::memory_order_relaxed);
  failed_ms_.store(to_ms(clock_.now()), std::memory_order_relaxed);
  if (failing_.exchange(true) || !log_) return;
  log_(
      fmt::format("late readings are refused, because the history cannot be asked whether it has them: {}", why.detail),
      /*grave=*/true);
}

// Where a part of the history is damaged, look-ups fail and answer in turn: that is one change.
void LookUps::say_when_over() {
  const Timestamp last = timestamp_from_ms(failed_ms_.load(std::memory_order_relaxed));
  if (clock_.now() < last + limits::kLookUpsWorkAgain || !failing_.exchange(false) || !log_) return;
  log_("late readings are taken again: the history answers", /*grave=*/false);
}

std::optional<Error> LookUps::refuse() const {
  const std::uint64_t undecided = undecided_.load(std::memory_order_acquire);
  if (undecided == 0 || history_.safe_position().value() >= undecided) [[likely]]
    return std::nullopt;
  return Error{ErrorCode::history_failed,
               "late readings cannot be taken yet: the history could not be asked for some that came before them, and "
               "the next flush has to put those aside first"};
}

}  // namespace temperature::pipeline
