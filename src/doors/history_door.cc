#include "doors/history_door.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "answer/answer.h"
#include "answer/history.h"
#include "answer/render.h"
#include "base/time.h"
#include "base/timestamp_limits.h"
#include "doors/stream.h"

namespace temperature::doors {
namespace {

using answer::Aggregate;
using answer::Fill;

constexpr std::array kAggregatesDefault{Aggregate::mean, Aggregate::min, Aggregate::max, Aggregate::count};
constexpr std::size_t kBucketsPageDefault = 1'000;
constexpr Duration kRangeDefault = std::chrono::days(1);

Result<std::vector<Aggregate>> aggregates_of(const http::Query& query) {
  const auto names = query.words("aggregates");
  if (!names) return std::unexpected(names.error());
  if (names->empty()) return std::vector<Aggregate>(kAggregatesDefault.begin(), kAggregatesDefault.end());
  std::vector<Aggregate> aggregates;
  for (const std::string& name : *names) {
    const auto known = std::ranges::find(answer::kAggregateNames, name);
    if (known == answer::kAggregateNames.end()) {
      return failure(ErrorCode::parameter_invalid, fmt::format("aggregates has \"{}\"; there are: {}", name,
                                                               fmt::join(answer::kAggregateNames, ", ")));
    }
    const auto aggregate = static_cast<Aggregate>(known - answer::kAggregateNames.begin());
    if (std::ranges::find(aggregates, aggregate) == aggregates.end()) aggregates.push_back(aggregate);
  }
  return aggregates;
}

Result<Fill> fill_of(const http::Query& query) {
  const std::string* fill = query.find("fill");
  if (fill == nullptr || *fill == "none") return Fill::none;
  if (*fill == "null") return Fill::null;
  if (*fill == "previous") return Fill::previous;
  return failure(ErrorCode::parameter_invalid, "fill must be none, null or previous");
}

Result<bool> is_csv(const http::Query& query) {
  const std::string* format = query.find("format");
  if (format == nullptr || *format == "json") return false;
  if (*format == "csv") return true;
  return failure(ErrorCode::parameter_invalid, "format must be json or csv");
}

// Goes through a question's pages.
class BucketsStream {
 public:
  BucketsStream(const pipeline::ReadPath& read_path, answer::HistoryQuery query, std::optional<std::size_t> buckets_max)
      : read_path_(read_path), query_(std::move(query)), left_(buckets_max) {}

  // Appends the next page; false when it was the last one.
  Result<bool> next(std::string& out) {
    query_.limit = std::min(limits::kHistoryBucketsMax, left_.value_or(limits::kHistoryBucketsMax));
    auto page = read_path_.history(query_);
    if (!page) return std::unexpected(std::move(page.error()));
    answer::render_csv(out, query_, *page);
    if (left_) *left_ -= page->buckets.size();
    query_.after = std::move(page->next);
    return query_.after.has_value() && left_ != 0U;
  }

 private:
  const pipeline::ReadPath& read_path_;
  answer::HistoryQuery query_;
  std::optional<std::size_t> left_;
};

}  // namespace

Result<void> HistoryDoor::set_range(const http::Query& query, answer::HistoryQuery& asked) const {
  const Timestamp asked_at = now();
  const auto from = query.moment("from", asked_at);
  if (!from) return std::unexpected(from.error());
  const auto to = query.moment("to", asked_at);
  if (!to) return std::unexpected(to.error());
  const auto step = query.duration_or("step", Duration(0), limits::kHistoryStepMin, limits::kWindowMax);
  if (!step) return std::unexpected(step.error());
  if (const std::string* cursor = query.find("cursor")) {
    asked.after = answer::HistoryCursor::decode(*cursor);
    if (!asked.after) return failure(ErrorCode::parameter_invalid, "cursor is not one that this service gave");
    // What is told from now on was told when the first page was asked for.
    asked.from = query.from_now("from") ? asked.after->from : from->value_or(asked.after->from);
    asked.to = query.from_now("to") ? asked.after->to : to->value_or(asked.after->to);
    asked.step = *step > Duration(0) ? *step : asked.after->step;
  } else {
    asked.to = to->value_or(asked_at);
    asked.from = from->value_or(std::max(asked.to - kRangeDefault, limits::kTimestampFirst));
    asked.step = *step > Duration(0) ? *step : answer::step_for(asked.to - asked.from);
  }
  if (asked.from > asked.to) return failure(ErrorCode::parameter_invalid, "from must be before to");
  return {};
}

Result<answer::HistoryQuery> HistoryDoor::question(const http::Query& query, const access::Principal& principal) const {
  answer::HistoryQuery asked;
  auto its_building = building(query, principal);
  if (!its_building) return std::unexpected(std::move(its_building.error()));
  asked.building = std::move(*its_building);
  const auto is_room = [&](const std::string& text) { return read_path().room_known(asked.building, text); };
  auto rooms = query.required_names("room", limits::kHistoryRoomsMax, is_room);
  if (!rooms) return std::unexpected(std::move(rooms.error()));
  asked.rooms = std::move(*rooms);
  auto sensor = query.optional_name("sensor");
  if (!sensor) return std::unexpected(std::move(sensor.error()));
  asked.sensor = std::move(*sensor);
  auto quantity = query.name_or("quantity", kQuantityDefault);
  if (!quantity) return std::unexpected(std::move(quantity.error()));
  asked.quantity = std::move(*quantity);
  if (auto found = read_path().find_names(asked.building, asked.rooms, asked.quantity, asked.sensor); !found) {
    return std::unexpected(std::move(found.error()));
  }
  if (auto range = set_range(query, asked); !range) return std::unexpected(std::move(range.error()));
  auto aggregates = aggregates_of(query);
  if (!aggregates) return std::unexpected(std::move(aggregates.error()));
  asked.aggregates = std::move(*aggregates);
  const auto fill = fill_of(query);
  if (!fill) return std::unexpected(fill.error());
  asked.fill = *fill;
  return asked;
}

Result<Later> HistoryDoor::answer(const http::Query& query, const access::Principal& principal, http::Response&) {
  if (auto known = query.allow_only({"building", "room", "sensor", "quantity", "from", "to", "step", "aggregates",
                                     "fill", "format", "limit", "cursor"});
      !known) {
    return std::unexpected(std::move(known.error()));
  }
  auto asked = question(query, principal);
  if (!asked) return std::unexpected(std::move(asked.error()));
  const auto csv = is_csv(query);
  if (!csv) return std::unexpected(csv.error());
  const auto limit = query.count_or("limit", kBucketsPageDefault, *csv ? SIZE_MAX : limits::kHistoryBucketsMax);
  if (!limit) return std::unexpected(limit.error());
  asked->limit = *limit;
  if (*csv) {
    const auto buckets_max = query.find("limit") == nullptr ? std::nullopt : std::optional(*limit);
    return [this, asked = std::move(*asked), buckets_max](http::Response& filled) {
      filled.content_type = "text/csv; charset=utf-8";
      answer::render_csv_header(filled.body, asked);
      const auto pages = std::make_shared<BucketsStream>(read_path(), asked, buckets_max);
      return stream(readers(), [pages](std::string& out) { return pages->next(out); }, filled);
    };
  }
  return [this, asked = std::move(*asked)](http::Response& filled) -> Result<void> {
    const auto page = read_path().history(asked);
    if (!page) return std::unexpected(page.error());
    answer::render_json(filled.body, asked, *page);
    return {};
  };
}

}  // namespace temperature::doors
