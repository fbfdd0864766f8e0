#include "mapping/device_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <vector>

#include "base/utf8.h"
#include "ingest/csv_rows.h"
#include "model/name_limits.h"

namespace temperature::mapping {
namespace {

using ingest::CsvRows;

constexpr std::string_view kColumns[] = {"device", "building", "room", "quantity"};
constexpr std::size_t kDevice = 0;
constexpr std::size_t kBuilding = 1;
constexpr std::size_t kRoom = 2;
constexpr std::size_t kQuantity = 3;

std::unexpected<Error> bad(std::uint32_t line, const std::string& what) {
  return failure(ErrorCode::malformed_body, fmt::format("line {} of the device map {}", line, what));
}

// By place in a row: which of kColumns it is.
Result<std::vector<std::size_t>> read_header(const CsvRows& rows) {
  std::vector<std::size_t> places;
  for (const std::string_view name : rows.fields()) {
    const auto column = static_cast<std::size_t>(std::ranges::find(kColumns, name) - std::begin(kColumns));
    if (column == std::size(kColumns)) {
      return bad(rows.line(), fmt::format("has the column \"{}\"; there are: {}", name, fmt::join(kColumns, ", ")));
    }
    if (std::ranges::find(places, column) != places.end()) return bad(rows.line(), "names a column twice");
    places.push_back(column);
  }
  for (const std::size_t required : {kDevice, kRoom}) {
    if (std::ranges::find(places, required) == places.end()) {
      return bad(rows.line(), fmt::format("is the header, and has no column {}", kColumns[required]));
    }
  }
  return places;
}

Result<void> check(std::uint32_t line, std::size_t column, const std::string& name) {
  const bool required = column == kDevice || column == kRoom;
  if (name.empty() && !required) return {};
  if (name.empty() || name.size() > limits::kNameBytesMax || !valid_utf8(name) || has_control_characters(name)) {
    return bad(line, fmt::format("has no {} of 1 to {} bytes of UTF-8 without control characters", kColumns[column],
                                 limits::kNameBytesMax));
  }
  return {};
}

bool is_comment(const CsvRows& rows) {
  return rows.text().starts_with('#');
}

}  // namespace

Result<DeviceMap> DeviceMap::parse(std::string text) {
  DeviceMap map;
  CsvRows rows(text);
  auto found = rows.next();
  while (found != CsvRows::Found::end && is_comment(rows)) found = rows.next();
  if (found != CsvRows::Found::row) return bad(1, "must be a header such as device,building,room");
  const auto places = read_header(rows);
  if (!places) return std::unexpected(places.error());
  for (found = rows.next(); found != CsvRows::Found::end; found = rows.next()) {
    if (is_comment(rows)) continue;
    if (found == CsvRows::Found::fault) return bad(rows.line(), "has a quote that does not end");
    if (rows.fields().size() != places->size()) {
      return bad(rows.line(), fmt::format("has {} fields; the header has {}", rows.fields().size(), places->size()));
    }
    std::string names[std::size(kColumns)];
    for (std::size_t i = 0; i < places->size(); ++i) names[(*places)[i]] = rows.fields()[i];
    for (std::size_t column = 0; column < std::size(kColumns); ++column) {
      if (auto checked = check(rows.line(), column, names[column]); !checked) {
        return std::unexpected(std::move(checked.error()));
      }
    }
    const std::string device = names[kDevice];
    if (!map.devices_.try_emplace(device, Device{names[kBuilding], names[kRoom], names[kQuantity]}).second) {
      return bad(rows.line(), fmt::format("has the device \"{}\" again", device));
    }
  }
  return map;
}

Result<DeviceMap> DeviceMap::read(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text(limits::kDeviceMapBytesMax + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (!in.eof()) {
    return failure(ErrorCode::startup,
                   fmt::format("cannot read the device map {}: it is no file of at most {} bytes that can be read",
                               file.string(), limits::kDeviceMapBytesMax));
  }
  auto map = parse(std::move(text));
  if (!map) map.error().detail += fmt::format(" ({})", file.string());
  return map;
}

const Device* DeviceMap::find(std::string_view device) const {
  const auto found = devices_.find(device);
  return found == devices_.end() ? nullptr : &found->second;
}

}  // namespace temperature::mapping
