#include "mapping/device_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <vector>

#include "base/regular_file.h"
#include "base/utf8.h"
#include "ingest/blanks.h"
#include "ingest/csv_rows.h"
#include "ingest/field_names.h"
#include "model/name.h"
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

// A device is a sensor's name, and the names of a reading's fields are taken as they are there.
std::size_t column_of(std::string_view name) {
  const NamedField named = field_named(ingest::without_blanks(name));
  const bool sure = named.spelling <= ingest::Spelling::alias;
  if (sure && named.field == ingest::Field::sensor) return kDevice;
  if (sure && named.field == ingest::Field::building) return kBuilding;
  if (sure && named.field == ingest::Field::room) return kRoom;
  if (sure && named.field == ingest::Field::quantity) return kQuantity;
  return std::size(kColumns);
}

// By place in a row: which of kColumns it is.
Result<std::vector<std::size_t>> read_header(const CsvRows& rows) {
  std::vector<std::size_t> places;
  for (const std::string_view name : rows.fields()) {
    const std::size_t column = column_of(name);
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

Result<void> check(std::uint32_t line, std::size_t column, ReadingRules rules, std::string& name) {
  const bool required = column == kDevice || column == kRoom;
  if (name.empty() && !required) return {};
  const std::size_t bytes_max = column == kDevice ? limits::kSensorNameBytesMax : limits::kNameBytesMax;
  const auto no_name = [&](std::string_view why) {
    return bad(line, fmt::format("has no {} of 1 to {} bytes of UTF-8 without control characters{}{}", kColumns[column],
                                 bytes_max, why.empty() ? "" : ": ", why));
  };
  if (rules == ReadingRules::current) {
    std::string made;
    const auto normal = normalise_name("it", name, made);
    if (!normal) return no_name(normal.error().detail);
    name = std::string(*normal);
  }
  if (name.empty() || name.size() > bytes_max || !valid_utf8(name) || has_control_characters(name)) {
    return no_name({});
  }
  return {};
}

bool is_comment(const CsvRows& rows) {
  return rows.text().starts_with('#');
}

}  // namespace

Result<DeviceMap> DeviceMap::parse(std::string text, ReadingRules rules) {
  DeviceMap map;
  map.rules_ = rules;
  if (text.starts_with(kByteOrderMark)) text.erase(0, kByteOrderMark.size());
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
      if (auto checked = check(rows.line(), column, rules, names[column]); !checked) {
        return std::unexpected(std::move(checked.error()));
      }
    }
    const std::string& device = names[kDevice];
    if (!map.devices_.try_emplace(device, Device{names[kBuilding], names[kRoom], names[kQuantity]}).second) {
      return bad(rows.line(), fmt::format("has the device \"{}\" again", device));
    }
    map.add_address(device);
  }
  return map;
}

Result<DeviceMap> DeviceMap::read(const std::filesystem::path& file, ReadingRules rules) {
  auto text = read_regular_file(file, limits::kDeviceMapBytesMax);
  if (!text) return failure(ErrorCode::startup, fmt::format("the device map is not had: {}", text.error().detail));
  auto map = parse(std::move(*text), rules);
  if (!map) map.error().detail += fmt::format(" ({})", file.string());
  return map;
}

void DeviceMap::add_address(const std::string& device) {
  std::string address = plain_address(device);
  if (address.empty()) return;
  const Device& place = devices_.at(device);
  const auto [at, is_new] = addresses_.try_emplace(std::move(address), place);
  if (!is_new && at->second != place) at->second.reset();
}

const Device* DeviceMap::find_any(std::string_view device) const {
  if (const Device* exact = find(device)) return exact;
  if (addresses_.empty()) return nullptr;
  const auto found = addresses_.find(plain_address(device));
  return found == addresses_.end() || !found->second ? nullptr : &*found->second;
}

std::string plain_address(std::string_view text) {
  constexpr std::size_t kWrittenMax = 23;  // eight pairs of digits and what stands between
  std::string digits;
  if (text.size() > kWrittenMax) return digits;
  if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
  char between = '\0';
  std::size_t group = 0;  // digits since the last separator
  std::size_t groups_of = 0;
  for (const char c : text) {
    if (std::isxdigit(static_cast<unsigned char>(c)) != 0) {
      digits.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
      ++group;
      continue;
    }
    const bool separator = (c == ':' || c == '-' || c == '.') && (between == '\0' || between == c);
    if (!separator || group == 0 || (groups_of != 0 && group != groups_of)) return {};
    between = c;
    groups_of = group;
    group = 0;
  }
  const bool grouped = groups_of == 0 || (group == groups_of && groups_of == (between == '.' ? 4 : 2));
  const bool whole = digits.size() == 12 || digits.size() == 16;
  return grouped && whole ? digits : std::string();
}

const Device* DeviceMap::find(std::string_view device) const {
  auto found = devices_.find(device);
  std::string made;
  if (found == devices_.end() && rules_ == ReadingRules::current) {
    const auto normal = normalise_name("device", device, made);
    if (normal && *normal != device) found = devices_.find(*normal);
  }
  return found == devices_.end() ? nullptr : &found->second;
}

}  // namespace temperature::mapping
