#include "doors/queries.h"

#include <algorithm>
#include <memory>
#include <span>
#include <utility>

#include "answer/answer.h"
#include "answer/render.h"
#include "base/timestamp_limits.h"
#include "doors/registry_doors.h"
#include "doors/stream.h"
#include "pipeline/room_reader.h"

namespace temperature::doors {
namespace {

constexpr std::size_t kReadingsPageDefault = 1'000;
constexpr std::size_t kListDefault = 100;

enum class Format : std::uint8_t { json, ndjson, csv };

Result<Format> format_of(const http::Query& query) {
  const std::string* format = query.find("format");
  if (format == nullptr || *format == "json") return Format::json;
  if (*format == "ndjson") return Format::ndjson;
  if (*format == "csv") return Format::csv;
  return failure(ErrorCode::parameter_invalid, "format must be json, ndjson or csv");
}

// Reads on and on, as far as readings are asked for; gives them out in pieces.
class ReadingsStream {
 public:
  ReadingsStream(const pipeline::ReadPath& read_path, answer::ReadingsQuery query, Format format,
                 std::optional<std::size_t> readings_max)
      : read_path_(read_path), query_(std::move(query)), format_(format), left_(readings_max) {}

  // Appends the next piece; false when it was the last one.
  Result<bool> next(std::string& out) {
    if (page_.rows.empty()) {
      if (auto read = read_on(); !read) return std::unexpected(std::move(read.error()));
    }
    const auto rows = std::span(page_.rows).subspan(given_);
    const auto piece = rows.first(std::min(rows.size(), limits::kPageReadingsMax));
    if (format_ == Format::csv) {
      answer::render_csv(out, query_, piece);
    } else {
      answer::render_ndjson(out, query_, piece);
    }
    given_ += piece.size();
    if (given_ < page_.rows.size()) return true;
    page_.rows.clear();
    return page_.next.has_value() && left_ != 0U;
  }

 private:
  // A room of many sensors is read in large parts: each looks at some readings of every sensor.
  Result<void> read_on() {
    query_.limit = std::clamp(page_.series * kReadingsOfSensor, limits::kPageReadingsMax, limits::kReadAtOnce);
    query_.limit = std::min(query_.limit, left_.value_or(query_.limit));
    query_.after = std::move(page_.next);
    auto page = read_path_.readings(query_);
    if (!page) return std::unexpected(std::move(page.error()));
    page_ = std::move(*page);
    given_ = 0;
    if (left_) *left_ -= page_.rows.size();
    return {};
  }

  static constexpr std::size_t kReadingsOfSensor = 64;

  const pipeline::ReadPath& read_path_;
  answer::ReadingsQuery query_;
  Format format_;
  std::optional<std::size_t> left_;
  answer::ReadingsPage page_;
  std::size_t given_ = 0;  // of the page's rows
};

Result<void> stream_readings(const pipeline::ReadPath& read_path, Readers& readers, answer::ReadingsQuery query,
                             Format format, std::optional<std::size_t> readings_max, http::Response& response) {
  response.content_type = format == Format::csv ? "text/csv; charset=utf-8" : "application/x-ndjson";
  if (format == Format::csv) answer::render_csv_header(response.body);
  const auto pieces = std::make_shared<ReadingsStream>(read_path, std::move(query), format, readings_max);
  return stream(readers, [pieces](std::string& out) { return pieces->next(out); }, response);
}

// Which rooms are asked for, and in which order.
Result<void> read_choice(const http::Query& query, answer::RoomsQuery& asked) {
  const std::string* order = query.find("order");
  if (order != nullptr && *order == "stalest") {
    asked.order = answer::RoomOrder::stalest;
  } else if (order != nullptr && *order != "name") {
    return failure(ErrorCode::parameter_invalid, "order must be name or stalest");
  }
  auto quantity = query.optional_name("quantity");
  if (!quantity) return std::unexpected(std::move(quantity.error()));
  asked.quantity = std::move(*quantity);
  auto search = query.optional_name("search");
  if (!search) return std::unexpected(std::move(search.error()));
  asked.search = search->value_or(std::string());
  return {};
}

}  // namespace

Result<Later> AverageDoor::answer(const http::Query& query, const access::Principal& principal,
                                  http::Response& response) {
  if (auto known = query.allow_only({"building", "room", "sensor", "quantity", "window", "at"}); !known) {
    return std::unexpected(std::move(known.error()));
  }
  auto its_building = building(query, principal);
  if (!its_building) return std::unexpected(std::move(its_building.error()));
  auto room = query.required_name("room");
  if (!room) return std::unexpected(std::move(room.error()));
  auto sensor = query.optional_name("sensor");
  if (!sensor) return std::unexpected(std::move(sensor.error()));
  auto quantity = query.name_or("quantity", kQuantityDefault);
  if (!quantity) return std::unexpected(std::move(quantity.error()));
  const auto window = query.duration_or("window", limits::kWindowDefault, limits::kWindowMin, limits::kWindowMax);
  if (!window) return std::unexpected(window.error());
  const Timestamp asked_at = now();
  const auto at = query.moment("at", asked_at);
  if (!at) return std::unexpected(at.error());

  answer::AverageQuery asked{std::move(*its_building), std::move(*room), std::move(*sensor),
                             std::move(*quantity),     *window,          at->value_or(asked_at)};
  if (auto found = read_path().find_names(asked.building, {&asked.room, 1}, asked.quantity, asked.sensor); !found) {
    return std::unexpected(std::move(found.error()));
  }
  const auto quick = read_path().average_from_memory(asked);
  if (!quick) return std::unexpected(quick.error());
  if (*quick) {
    answer::render_json(response.body, asked, **quick);
    return {};
  }
  return [this, asked = std::move(asked)](http::Response& filled) -> Result<void> {
    const auto average = read_path().average(asked);
    if (!average) return std::unexpected(average.error());
    answer::render_json(filled.body, asked, *average);
    return {};
  };
}

Result<Later> ReadingsQueryDoor::answer(const http::Query& query, const access::Principal& principal, http::Response&) {
  if (auto known =
          query.allow_only({"building", "room", "sensor", "quantity", "from", "to", "format", "limit", "cursor"});
      !known) {
    return std::unexpected(std::move(known.error()));
  }
  answer::ReadingsQuery asked;
  auto its_building = building(query, principal);
  if (!its_building) return std::unexpected(std::move(its_building.error()));
  asked.building = std::move(*its_building);
  auto room = query.required_name("room");
  if (!room) return std::unexpected(std::move(room.error()));
  asked.room = std::move(*room);
  auto sensor = query.optional_name("sensor");
  if (!sensor) return std::unexpected(std::move(sensor.error()));
  asked.sensor = std::move(*sensor);
  auto quantity = query.name_or("quantity", kQuantityDefault);
  if (!quantity) return std::unexpected(std::move(quantity.error()));
  asked.quantity = std::move(*quantity);
  if (auto found = read_path().find_names(asked.building, {&asked.room, 1}, asked.quantity, asked.sensor); !found) {
    return std::unexpected(std::move(found.error()));
  }
  const Timestamp asked_at = now();
  const auto from = query.moment("from", asked_at);
  if (!from) return std::unexpected(from.error());
  const auto to = query.moment("to", asked_at);
  if (!to) return std::unexpected(to.error());
  asked.from = from->value_or(limits::kTimestampFirst);
  asked.to = to->value_or(limits::kTimestampLast);
  if (asked.from > asked.to) return failure(ErrorCode::parameter_invalid, "from must be before to");
  const auto format = format_of(query);
  if (!format) return std::unexpected(format.error());
  if (const std::string* cursor = query.find("cursor")) {
    asked.after = answer::ReadingsCursor::decode(*cursor);
    if (!asked.after) return failure(ErrorCode::parameter_invalid, "cursor is not one that this service gave");
  }
  const bool paged = *format == Format::json;
  const auto limit = query.count_or("limit", kReadingsPageDefault, paged ? limits::kPageReadingsMax : SIZE_MAX);
  if (!limit) return std::unexpected(limit.error());
  if (!paged) {
    const auto readings_max = query.find("limit") == nullptr ? std::nullopt : std::optional(*limit);
    return [this, asked = std::move(asked), format = *format, readings_max](http::Response& filled) {
      return stream_readings(read_path(), readers(), asked, format, readings_max, filled);
    };
  }
  asked.limit = *limit;
  return [this, asked = std::move(asked)](http::Response& filled) -> Result<void> {
    const auto page = read_path().readings(asked);
    if (!page) return std::unexpected(page.error());
    answer::render_json(filled.body, asked, *page);
    return {};
  };
}

Result<Later> RoomsDoor::answer(const http::Query& query, const access::Principal& principal, http::Response&) {
  if (auto known = query.allow_only({"building", "limit", "cursor", "order", "quantity", "search"}); !known) {
    return std::unexpected(std::move(known.error()));
  }
  answer::RoomsQuery asked;
  if (auto chosen = read_choice(query, asked); !chosen) return std::unexpected(std::move(chosen.error()));
  auto its_building = any_building(query, principal);
  if (!its_building) return std::unexpected(std::move(its_building.error()));
  asked.building = std::move(*its_building);
  const auto limit = query.count_or("limit", kListDefault, limits::kPageRoomsMax);
  if (!limit) return std::unexpected(limit.error());
  asked.limit = *limit;
  if (const std::string* cursor = query.find("cursor")) asked.cursor = *cursor;
  asked.at = now();
  asked.visible = principal.permit.buildings;
  return [this, asked = std::move(asked)](http::Response& filled) mutable -> Result<void> {
    std::optional<std::string> no_room;
    if (auto found = read_path().find_names(asked.building, no_room); !found) return found;
    const auto page = read_path().rooms(asked);
    if (!page) return std::unexpected(page.error());
    answer::render_json(filled.body, *page, asked.at);
    return {};
  };
}

Result<Later> SensorsDoor::answer(const http::Query& query, const access::Principal& principal, http::Response&) {
  if (const std::string* registered = query.find("registered")) {
    if (*registered != "true") return failure(ErrorCode::parameter_invalid, "registered must be true");
    auto may = query.allow_only({"registered", "limit", "cursor"});
    if (may) may = principal.may(access::Need::admin);
    if (!may) return std::unexpected(std::move(may.error()));
    return [this, query](http::Response& filled) { return list_registered(registry_, query, filled.body); };
  }
  if (auto known = query.allow_only({"building", "room", "limit", "cursor", "registered"}); !known) {
    return std::unexpected(std::move(known.error()));
  }
  answer::SensorsQuery asked;
  auto its_building = any_building(query, principal);
  if (!its_building) return std::unexpected(std::move(its_building.error()));
  asked.building = std::move(*its_building);
  auto room = query.optional_name("room");
  if (!room) return std::unexpected(std::move(room.error()));
  asked.room = std::move(*room);
  const auto limit = query.count_or("limit", kListDefault, limits::kPageRoomsMax);
  if (!limit) return std::unexpected(limit.error());
  asked.limit = *limit;
  if (const std::string* cursor = query.find("cursor")) asked.cursor = *cursor;
  asked.at = now();
  asked.visible = principal.permit.buildings;
  return [this, asked = std::move(asked)](http::Response& filled) mutable -> Result<void> {
    if (auto found = read_path().find_names(asked.building, asked.room); !found) return found;
    const auto page = read_path().sensors(asked);
    if (!page) return std::unexpected(page.error());
    answer::render_json(filled.body, *page, asked.at);
    return {};
  };
}

}  // namespace temperature::doors
