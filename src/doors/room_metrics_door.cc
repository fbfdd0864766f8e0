#include <memory>
#include <utility>

#include "answer/answer.h"
#include "doors/metrics_door.h"
#include "doors/stream.h"
#include "telemetry/exposition.h"

namespace temperature::doors {
namespace {

using telemetry::Exposition;
using telemetry::family_of;
using telemetry::LabelValues;
using telemetry::Metric;

// Reads page after page of rooms, once for each family: the samples of a family follow each other, and what a piece
// holds stays small.
class RoomSamples {
 public:
  RoomSamples(const pipeline::ReadPath& read_path, answer::RoomsQuery query)
      : read_path_(read_path), query_(std::move(query)) {}

  // Appends the next piece; false when it was the last one.
  Result<bool> next(std::string& out) {
    auto page = read_path_.rooms(query_);
    if (!page) return std::unexpected(std::move(page.error()));
    if (query_.cursor.empty()) append_family(out, family_of(metric_), Exposition::text);
    for (const answer::RoomState& room : page->rooms) {
      for (const answer::QuantityState& state : room.quantities) add(out, room, state);
    }
    query_.cursor = std::move(page->next);
    truncated_ |= looked_at_ == limits::kRoomMetricsMax && !query_.cursor.empty();
    if (!query_.cursor.empty() && !truncated_) return true;
    if (metric_ == Metric::room_average) {
      metric_ = Metric::room_last_reading;
      query_.cursor.clear();
      looked_at_ = 0;
      truncated_ = false;
      return true;
    }
    append_family(out, family_of(Metric::room_metrics_truncated), Exposition::text);
    append_sample(out, family_of(Metric::room_metrics_truncated), {}, truncated_ ? 1 : 0);
    return false;
  }

 private:
  void add(std::string& out, const answer::RoomState& room, const answer::QuantityState& state) {
    if (looked_at_ == limits::kRoomMetricsMax) {
      truncated_ = true;
      return;
    }
    ++looked_at_;
    const std::array<std::string_view, 4> values{room.building, room.room, state.quantity, state.unit};
    if (metric_ == Metric::room_average && state.average) {
      append_sample(out, family_of(metric_), values, *state.average);
    } else if (metric_ == Metric::room_last_reading && state.latest) {
      const double seconds = static_cast<double>(to_ms(state.latest->timestamp)) / 1'000;
      append_sample(out, family_of(metric_), values, seconds);
    }
  }

  const pipeline::ReadPath& read_path_;
  answer::RoomsQuery query_;
  Metric metric_ = Metric::room_average;
  std::size_t looked_at_ = 0;  // rooms times quantities, for this family
  bool truncated_ = false;
};

}  // namespace

Result<Later> RoomMetricsDoor::answer(const http::Query& query, const access::Principal& principal, http::Response&) {
  if (auto known = query.allow_only({"building"}); !known) return std::unexpected(std::move(known.error()));
  answer::RoomsQuery asked;
  auto its_building = any_building(query, principal);
  if (!its_building) return std::unexpected(std::move(its_building.error()));
  asked.building = std::move(*its_building);
  asked.limit = limits::kRoomMetricsPiece;
  asked.at = now();
  asked.visible = principal.permit.buildings;
  return [this, asked = std::move(asked)](http::Response& filled) mutable -> Result<void> {
    std::optional<std::string> no_room;
    if (auto found = read_path().find_names(asked.building, no_room); !found) return found;
    filled.content_type = content_type_of(Exposition::text);
    const auto samples = std::make_shared<RoomSamples>(read_path(), std::move(asked));
    return stream(readers(), [samples](std::string& out) { return samples->next(out); }, filled);
  };
}

}  // namespace temperature::doors
