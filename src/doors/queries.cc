#include "doors/queries.h"

#include <memory>

#include "answer/render.h"
#include "base/limits.h"
#include "doors/registry_doors.h"

namespace temperature::doors {
namespace {

constexpr std::string_view kQuantityDefault = "temperature";
constexpr std::size_t kPageDefault = 1'000;
constexpr std::size_t kListDefault = 100;

enum class Format : std::uint8_t { json, ndjson, csv };

Result<Format> format_of(const http::Query& query) {
  const std::string* format = query.find("format");
  if (format == nullptr || *format == "json") return Format::json;
  if (*format == "ndjson") return Format::ndjson;
  if (*format == "csv") return Format::csv;
  return failure(ErrorCode::parameter_invalid, "format must be json, ndjson or csv");
}

// Pages through the readings for a body that is sent in pieces.
class Stream {
 public:
  Stream(const pipeline::ReadPath& read_path, answer::ReadingsQuery query, Format format,
         std::optional<std::size_t> readings_max)
      : read_path_(read_path), query_(std::move(query)), format_(format), left_(readings_max) {}

  // Renders the next page; false when it was the last one.
  Result<bool> next(std::string& out) {
    query_.limit = std::min(limits::kPageReadingsMax, left_.value_or(limits::kPageReadingsMax));
    auto page = read_path_.readings(query_);
    if (!page) return std::unexpected(std::move(page.error()));
    if (format_ == Format::csv) {
      answer::render_csv(out, query_, *page);
    } else {
      answer::render_ndjson(out, query_, *page);
    }
    if (left_) *left_ -= page->rows.size();
    query_.after = page->next;
    return page->next.has_value() && left_ != 0U;
  }

 private:
  const pipeline::ReadPath& read_path_;
  answer::ReadingsQuery query_;
  Format format_;
  std::optional<std::size_t> left_;
};

// The first page is made before the head is sent, so that an error still gets its status; one that comes
// later can only cut the body short.
Result<void> stream(const pipeline::ReadPath& read_path, answer::ReadingsQuery query, Format format,
                    std::optional<std::size_t> readings_max, http::Response& response) {
  const auto pages = std::make_shared<Stream>(read_path, std::move(query), format, readings_max);
  response.content_type = format == Format::csv ? "text/csv; charset=utf-8" : "application/x-ndjson";
  if (format == Format::csv) answer::render_csv_header(response.body);
  auto more = pages->next(response.body);
  if (!more) return std::unexpected(std::move(more.error()));
  if (!*more) return {};
  response.more = [pages](std::string& piece) {
    const auto next = pages->next(piece);
    if (!next) return http::Piece::broken;
    return *next ? http::Piece::more : http::Piece::last;
  };
  return {};
}

}  // namespace

Result<void> AverageDoor::answer(const http::Query& query, const access::Principal& principal,
                                 http::Response& response) {
  if (auto known = query.allow_only({"building", "room", "sensor", "quantity", "window", "at"}); !known) return known;
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
  const auto at = query.moment("at");
  if (!at) return std::unexpected(at.error());

  answer::AverageQuery asked{std::move(*its_building), std::move(*room), std::move(*sensor),
                             std::move(*quantity),     *window,          at->value_or(now())};
  const auto average = read_path().average(asked);
  if (!average) return std::unexpected(average.error());
  answer::render_json(response.body, *average);
  return {};
}

Result<void> ReadingsQueryDoor::answer(const http::Query& query, const access::Principal& principal,
                                       http::Response& response) {
  if (auto known =
          query.allow_only({"building", "room", "sensor", "quantity", "from", "to", "format", "limit", "cursor"});
      !known) {
    return known;
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
  const auto from = query.moment("from");
  if (!from) return std::unexpected(from.error());
  const auto to = query.moment("to");
  if (!to) return std::unexpected(to.error());
  asked.from = from->value_or(limits::kTimestampFirst);
  asked.to = to->value_or(limits::kTimestampLast);
  if (asked.from > asked.to) return failure(ErrorCode::parameter_invalid, "from lies behind to");
  const auto format = format_of(query);
  if (!format) return std::unexpected(format.error());
  if (const std::string* cursor = query.find("cursor")) {
    asked.after = answer::ReadingsCursor::decode(*cursor);
    if (!asked.after) return failure(ErrorCode::parameter_invalid, "cursor is not one that this service gave");
  }
  const bool paged = *format == Format::json;
  const auto limit = query.count_or("limit", kPageDefault, paged ? limits::kPageReadingsMax : SIZE_MAX);
  if (!limit) return std::unexpected(limit.error());
  if (!paged) {
    const auto readings_max = query.find("limit") == nullptr ? std::nullopt : std::optional(*limit);
    return stream(read_path(), std::move(asked), *format, readings_max, response);
  }
  asked.limit = *limit;
  const auto page = read_path().readings(asked);
  if (!page) return std::unexpected(page.error());
  answer::render_json(response.body, asked, *page);
  return {};
}

Result<void> RoomsDoor::answer(const http::Query& query, const access::Principal& principal, http::Response& response) {
  if (auto known = query.allow_only({"building", "limit", "cursor"}); !known) return known;
  answer::RoomsQuery asked;
  auto its_building = any_building(query, principal);
  if (!its_building) return std::unexpected(std::move(its_building.error()));
  asked.building = std::move(*its_building);
  const auto limit = query.count_or("limit", kListDefault, limits::kPageRoomsMax);
  if (!limit) return std::unexpected(limit.error());
  asked.limit = *limit;
  if (const std::string* cursor = query.find("cursor")) asked.cursor = *cursor;
  asked.at = now();
  asked.visible = principal.permit.buildings;
  const auto page = read_path().rooms(asked);
  if (!page) return std::unexpected(page.error());
  answer::render_json(response.body, *page, asked.at);
  return {};
}

Result<void> SensorsDoor::answer(const http::Query& query, const access::Principal& principal,
                                 http::Response& response) {
  if (const std::string* registered = query.find("registered")) {
    if (*registered != "true") return failure(ErrorCode::parameter_invalid, "registered must be true");
    if (auto known = query.allow_only({"registered", "limit", "cursor"}); !known) return known;
    if (auto may = principal.may(access::Need::admin); !may) return may;
    return list_registered(registry_, query, response.body);
  }
  if (auto known = query.allow_only({"building", "room", "limit", "cursor", "registered"}); !known) return known;
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
  const auto page = read_path().sensors(asked);
  if (!page) return std::unexpected(page.error());
  answer::render_json(response.body, *page, asked.at);
  return {};
}

}  // namespace temperature::doors
