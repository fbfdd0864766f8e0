#include "client/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/json_text.h"
#include "client/bounds.h"
#include "client/printable.h"

namespace temperature::client {
namespace {

void append_details(std::string& text, std::string_view what, std::string_view origin, std::uint64_t count,
                    const std::multimap<std::uint64_t, std::string>& details) {
  if (details.empty()) return;
  text +=
      details.size() < count ? fmt::format("{}, {} of {}:\n", what, details.size(), count) : fmt::format("{}:\n", what);
  for (const auto& [number, reason] : details) text += fmt::format("  {} {}: {}\n", origin, number, reason);
}

void append_json(std::string& json, std::string_view what, std::string_view origin,
                 const std::multimap<std::uint64_t, std::string>& details) {
  json += fmt::format(R"(,"{}":)", what);
  append_json_array(json, details, [&](const auto& detail) {
    json += fmt::format(R"({{"{}":{},"reason":)", origin, detail.first);
    append_json_string(json, detail.second);
    json.push_back('}');
  });
}

}  // namespace

void Summary::keep(Details& details, std::uint64_t origin, std::string_view reason) {
  details.emplace(origin, printable(reason));
  if (details.size() > kDetailsKept) details.erase(std::prev(details.end()));
}

void Summary::add(const WriteAnswer& answer, const Batch& batch) {
  accepted_ += answer.accepted;
  duplicates_ += answer.duplicates;
  conflicts_ += answer.conflicts;
  rejected_ += answer.rejected;
  if (answer.replaced) replaced_ = replaced_.value_or(0) + *answer.replaced;
  for (const auto& [index, reason] : answer.conflicting) keep(conflicting_, batch.origin(index), reason);
  for (const auto& [index, reason] : answer.rejections) keep(rejections_, batch.origin(index), reason);
}

void Summary::reject(std::uint64_t origin, std::string_view reason) {
  ++rejected_;
  keep(rejections_, origin, reason);
}

std::string Summary::text(std::string_view origin, Duration elapsed) const {
  const double seconds = static_cast<double>(std::max<std::int64_t>(elapsed.count(), 1)) / 1000;
  std::string text = fmt::format("accepted {}\nduplicates {}\nconflicts {}\nrejected {}\n", accepted_, duplicates_,
                                 conflicts_, rejected_);
  if (replaced_) text += fmt::format("replaced {}\n", *replaced_);
  text += fmt::format("{} readings in {:.1f} s, {:.0f} a second\n", total(), seconds,
                      static_cast<double>(total()) / seconds);
  append_details(text, "conflicts", origin, conflicts_, conflicting_);
  append_details(text, "rejected", origin, rejected_, rejections_);
  return text;
}

std::string Summary::json_members(std::string_view origin, Duration elapsed) const {
  std::string json =
      fmt::format(R"("accepted":{},"duplicates":{},"conflicts":{},"rejected":{},"elapsed_seconds":{})", accepted_,
                  duplicates_, conflicts_, rejected_, static_cast<double>(elapsed.count()) / 1000);
  if (replaced_) json += fmt::format(R"(,"replaced":{})", *replaced_);
  append_json(json, "conflicting", origin, conflicting_);
  append_json(json, "refused", origin, rejections_);
  return json;
}

}  // namespace temperature::client
