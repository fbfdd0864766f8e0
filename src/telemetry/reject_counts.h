#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace temperature::limits {

// Different rows of counted rejects; what has none of its own is counted by kind, code and door.
inline constexpr std::size_t kRejectGroupsMax = 4'096;

}  // namespace temperature::limits

namespace temperature::telemetry {

// By what rejects can be counted.
enum class RejectField : std::uint8_t { kind, code, door, sender, building, room, sensor, quantity, field };
inline constexpr std::array<std::string_view, 9> kRejectFields{"kind", "code",   "door",     "sender", "building",
                                                               "room", "sensor", "quantity", "field"};

// By RejectField: its text; empty where it is not known.
using RejectKey = std::array<std::string, kRejectFields.size()>;

struct RejectGroup {
  RejectKey key;
  std::uint64_t count = 0;
  Timestamp last;  // when the newest of them came
};

// Counts since the start, by everything that is known of a reject. Beyond limits::kRejectGroupsMax different keys a new
// one is counted by kind, code and door alone, which are few: no count is ever lost. Not thread-safe.
class RejectCounts {
 public:
  void add(RejectKey key, std::uint64_t count, Timestamp at);
  [[nodiscard]] std::vector<RejectGroup> all() const;

 private:
  struct Count {
    std::uint64_t count = 0;
    Timestamp last = kTimestampMin;
  };
  std::map<RejectKey, Count> counts_;  // ordered: its keys are outsiders' bytes
};

// Sums up what has the same text in each of `fields`; the other fields become empty. The greatest count first.
std::vector<RejectGroup> group_rejects(std::vector<RejectGroup> groups, std::span<const RejectField> fields);

// nullopt: there is no such field.
std::optional<RejectField> reject_field_of(std::string_view name);

}  // namespace temperature::telemetry
