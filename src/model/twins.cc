#include "model/twins.h"

#include <fmt/format.h>

#include "model/name.h"

namespace temperature {
namespace {

// The name by which a place is known; names that cannot be normal stay.
std::string normal_or_same(std::string_view name) {
  std::string made;
  return std::string(normalise_name({}, name, made).value_or(name));
}

std::string in_building(std::string_view building) {
  return fmt::format("in building \"{}\"", normal_or_same(building));
}

using Names = std::vector<std::string>;

}  // namespace

void NameCheck::add(std::string what, std::string where, std::string_view name) {
  if (!name.empty()) names_[{std::move(what), std::move(where)}].emplace(name);
}

void NameCheck::add_building(std::string_view building) {
  add("building", {}, building);
}

void NameCheck::add_room(std::string_view building, std::string_view room) {
  add("room", in_building(building), room);
}

void NameCheck::add_quantity(std::string_view quantity) {
  add("quantity", {}, quantity);
}

void NameCheck::add_registered_sensor(std::string_view id) {
  add("registered sensor", {}, id);
}

void NameCheck::add_series(std::string_view building, std::string_view room, std::string_view sensor,
                           std::string_view quantity) {
  add_building(building);
  add_room(building, room);
  add("sensor", fmt::format("in room \"{}\" {}", normal_or_same(room), in_building(building)), sensor);
  add_quantity(quantity);
}

std::vector<NameFinding> NameCheck::findings() const {
  using Kind = NameFinding::Kind;
  std::vector<NameFinding> findings;
  for (const auto& [group, names] : names_) {
    const auto& [what, where] = group;
    std::map<std::string, Names> by_normal;
    for (const std::string& name : names) {
      std::string made;
      const auto normal = normalise_name("it", name, made);
      if (normal) {
        by_normal[std::string(*normal)].push_back(name);
      } else {
        findings.push_back({Kind::refused, what, where, {name}, normal.error().detail});
      }
    }
    std::map<std::string, Names> by_folded;
    for (const auto& [normal, kept] : by_normal) {
      by_folded[case_folded(normal)].push_back(normal);
      if (kept.size() > 1) {
        findings.push_back({Kind::twins, what, where, kept, normal});
      } else if (kept.front() != normal) {
        findings.push_back({Kind::changed, what, where, kept, normal});
      }
    }
    for (const auto& [folded, normals] : by_folded) {
      if (normals.size() > 1) findings.push_back({Kind::case_only, what, where, normals, {}});
    }
  }
  return findings;
}

}  // namespace temperature
