#include "client/repeated_hours.h"

#include <fmt/format.h>

#include "client/bounds.h"

namespace temperature::client {

void RepeatedHours::learn(std::string_view series, LocalTime local, const LocalMoments& moments, std::uint64_t line) {
  using Kind = LocalMoments::Kind;
  if (too_many_ || (moments.kind != Kind::one && moments.kind != Kind::two)) return;
  auto found = series_.find(series);
  if (found == series_.end()) {
    too_many_ = series_.size() == kRepeatedHoursMax;
    if (too_many_) return;
    found = series_.emplace(series, Series()).first;
  }
  if (moments.kind == Kind::one) {
    close(found->second, moments.earlier);
  } else {
    extend(found->second, local, moments, line);
  }
}

// A time that is one moment: the hours before it are over.
void RepeatedHours::close(Series& rows, Timestamp moment) {
  if (rows.open != nullptr) {
    const Timestamp before = rows.open->line_back != 0 ? rows.open->last.later : rows.open->last.earlier;
    if (moment <= before) rows.open->in_order = false;
    rows.open = nullptr;
  }
  rows.last = moment;
}

void RepeatedHours::extend(Series& rows, LocalTime local, const LocalMoments& moments, std::uint64_t line) {
  const auto [entry, fresh] = rows.hours.try_emplace(moments.change);
  Hours& hours = entry->second;
  if (fresh) {
    too_many_ = ++hours_ > kRepeatedHoursMax;
    hours.in_order = !rows.last || *rows.last < moments.earlier;
  } else if (rows.open != &hours) {
    hours.in_order = false;  // its rows came, others came, and here they are again
  } else if (local <= hours.local_last) {
    if (hours.line_back != 0) hours.in_order = false;
    hours.line_back = line;
  }
  hours.local_last = local;
  hours.last = moments;
  rows.open = &hours;
}

Result<void> RepeatedHours::check() const {
  if (!too_many_) return {};
  return failure(ErrorCode::startup,
                 fmt::format("--ambiguous increasing cannot follow more than {} series or hours that "
                             "come twice; take the file apart",
                             kRepeatedHoursMax));
}

std::expected<Timestamp, std::string> RepeatedHours::tell(std::string_view series, const LocalMoments& moments,
                                                          std::uint64_t line) const {
  const auto rows = series_.find(series);
  const Hours* hours = nullptr;
  if (rows != series_.end()) {
    const auto found = rows->second.hours.find(moments.change);
    if (found != rows->second.hours.end()) hours = &found->second;
  }
  if (hours == nullptr) return std::unexpected("the file has changed while it was read");
  if (!hours->in_order) return std::unexpected("the times of the rows around it do not increase");
  if (hours->line_back == 0) {
    return std::unexpected("no row around it steps back, so that either hour may be meant");
  }
  return line < hours->line_back ? moments.earlier : moments.later;
}

}  // namespace temperature::client
