#include "telemetry/rejects.h"

#include <algorithm>
#include <utility>

#include "base/reject_limits.h"
#include "base/utf8.h"

namespace temperature::telemetry {
namespace {

void shorten(std::string& text, std::size_t bytes_max) {
  text.resize(utf8_prefix(text, bytes_max).size());
}

std::string_view message_of(RejectKind kind) {
  switch (kind) {
    case RejectKind::refused:
      break;
    case RejectKind::conflict:
      return "another value is stored for what was sent; GET /v1/rejects?kind=conflict has more";
    case RejectKind::passed_over:
      return "passed over what is no reading; GET /v1/rejects?kind=passed_over has more";
  }
  return "refused what was sent; GET /v1/rejects has more";
}

}  // namespace

void Rejects::add(std::string_view door, std::string_view sender, std::uint64_t place, Error error,
                  std::string_view text, RejectNames names, const TraceIds& trace) {
  add({.kind = RejectKind::refused,
       .door = door,
       .sender = std::string(sender),
       .place = place,
       .code = traits(error.code).code,
       .detail = std::move(error.detail),
       .text = std::string(utf8_prefix(text, limits::kRejectTextBytesMax)),
       .names = std::move(names),
       .trace = trace});
}

void Rejects::add(Reject reject) {
  reject.at = clock_.now();
  shorten(reject.text, limits::kRejectTextBytesMax);
  shorten(reject.detail, limits::kRejectDetailBytesMax);
  std::uint64_t unnamed = 0;
  std::optional<Reject> named;
  const bool every_one = log_.says(LogLevel::debug);
  {
    const std::lock_guard lock(mutex_);
    OfKind& of_kind = kinds_[std::to_underlying(reject.kind)];
    ++of_kind.count;
    count_locked(reject, 1);
    if (reject.at >= of_kind.log_after) {
      of_kind.log_after = reject.at + limits::kRejectLogged;
      unnamed = of_kind.count - of_kind.logged_count - 1;
      of_kind.logged_count = of_kind.count;
      named = reject;
    }
    if (every_one) named = reject;
    if (of_kind.kept.size() == limits::kRejectsKept) of_kind.kept.pop_front();
    of_kind.kept.push_back(std::move(reject));
  }
  if (named) name_in_log(*named, unnamed);
}

void Rejects::count(const Reject& like, std::uint64_t rejects) {
  const std::lock_guard lock(mutex_);
  count_locked(like, rejects);
}

void Rejects::count_locked(const Reject& like, std::uint64_t rejects) {
  if (like.kind == RejectKind::conflict) conflicts_by_door_[like.door] += rejects;
  counts_.add(key_of(like), rejects, like.at == kTimestampMin ? clock_.now() : like.at);
}

void Rejects::name_in_log(const Reject& named, std::uint64_t unnamed) const {
  log_.warn(message_of(named.kind),
            {{"door", named.door},
             {"sender", named.sender},
             {"code", named.code},
             {"detail", named.detail},
             {"text", named.text},
             {"unnamed", std::to_string(unnamed)}},
            named.trace);
}

std::vector<Rejects::Reject> Rejects::newest(RejectKind kind, std::size_t limit) const {
  const std::lock_guard lock(mutex_);
  const std::deque<Reject>& kept = kinds_[std::to_underlying(kind)].kept;
  std::vector<Reject> found;
  for (auto at = kept.rbegin(); at != kept.rend() && found.size() < limit; ++at) found.push_back(*at);
  return found;
}

std::uint64_t Rejects::count(RejectKind kind) const {
  const std::lock_guard lock(mutex_);
  return kinds_[std::to_underlying(kind)].count;
}

std::vector<RejectGroup> Rejects::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_.all();
}

std::map<std::string_view, std::uint64_t> Rejects::conflicts_by_door() const {
  const std::lock_guard lock(mutex_);
  return conflicts_by_door_;
}

RejectKey key_of(const Rejects::Reject& reject) {
  return {std::string(name_of(reject.kind)),
          std::string(reject.code),
          std::string(reject.door),
          reject.sender,
          reject.names.building,
          reject.names.room,
          reject.names.sensor,
          reject.names.quantity,
          reject.field};
}

}  // namespace temperature::telemetry
