#include "client/sensor_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "base/utf8.h"
#include "client/bounds.h"
#include "client/csv_reader.h"
#include "client/decoded_source.h"
#include "client/field_text.h"
#include "model/field_names.h"

namespace temperature::client {
namespace {

enum ListField : std::uint8_t { kId, kKeyFile, kKey, kKid, kBuilding, kRoom, kQuantities, kFields };

struct ColumnSpelling {
  std::string_view written;
  ListField field;
};
// Beside the names of a reading's fields.
constexpr std::array<ColumnSpelling, 5> kColumnSpellings{{
    {"id", kId},
    {"public_key_file", kKeyFile},
    {"public_key", kKey},
    {"kid", kKid},
    {"quantities", kQuantities},
}};

std::optional<ListField> list_field(std::string_view title) {
  const std::string name = in_lower_case(title);
  const auto* const own = std::ranges::find(kColumnSpellings, name, &ColumnSpelling::written);
  if (own != kColumnSpellings.end()) return own->field;
  const auto [field, spelling] = field_named(title);
  if (spelling >= FieldSpelling::kind) return std::nullopt;
  switch (field) {
    case ReadingField::sensor:
      return kId;
    case ReadingField::building:
      return kBuilding;
    case ReadingField::room:
      return kRoom;
    case ReadingField::quantity:
      return kQuantities;
    default:
      return std::nullopt;
  }
}

using Columns = std::array<std::optional<std::size_t>, kFields>;

std::unexpected<Error> refuse_list(std::string detail) {
  return failure(ErrorCode::startup, std::move(detail));
}

Result<Columns> find_columns(const CsvRow& header) {
  if (!header.problem.empty()) return refuse_list(fmt::format("cannot read the header: {}", header.problem));
  Columns columns;
  for (std::size_t i = 0; i < header.fields.size(); ++i) {
    const std::string title = without_odd_blanks(header.fields[i]);
    const auto known = list_field(title);
    if (!known) {
      return refuse_list(
          fmt::format("the header names {}; the columns are sensor, public_key_file or public_key, kid, "
                      "building, room, quantities",
                      shown(header.fields[i])));
    }
    if (columns[*known]) {
      return refuse_list(fmt::format("the header names {} twice: it has {} too", shown(header.fields[*columns[*known]]),
                                     shown(title)));
    }
    columns[*known] = i;
  }
  if (!columns[kId]) return refuse_list("the header lacks sensor");
  if (columns[kKeyFile].has_value() == columns[kKey].has_value()) {
    return refuse_list("the header must have public_key_file or public_key, and one of them alone");
  }
  return columns;
}

// "temperature; humidity".
std::vector<std::string> split_names(std::string_view text) {
  std::vector<std::string> names;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(';'), text.size());
    if (std::string name = without_odd_blanks(text.substr(0, end)); !name.empty()) names.push_back(std::move(name));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return names;
}

std::expected<ListedSensor, std::string> read_row(const CsvRow& row, const Columns& columns, std::size_t width) {
  if (!row.problem.empty()) return std::unexpected(std::string(row.problem));
  if (row.fields.size() != width) {
    return std::unexpected(fmt::format("{} fields where the header has {}", row.fields.size(), width));
  }
  for (const std::string_view field : row.fields) {
    if (!valid_utf8(field)) return std::unexpected("it is no UTF-8");
  }
  const auto text = [&](ListField field) {
    return columns[field] ? without_odd_blanks(row.fields[*columns[field]]) : std::string();
  };
  ListedSensor sensor{text(kId), text(kKeyFile), {}};
  if (sensor.id.empty()) return std::unexpected("it names no sensor");
  sensor.registration.keys = {{text(kKid), text(kKey)}};
  if (sensor.public_key_file.empty() && sensor.registration.keys.front().public_key.empty()) {
    return std::unexpected("it has no public key");
  }
  sensor.registration.building = text(kBuilding);
  sensor.registration.room = text(kRoom);
  sensor.registration.quantities = split_names(text(kQuantities));
  return sensor;
}

}  // namespace

Result<void> read_sensor_list(ByteSource& source, const TakeListedSensor& take) {
  DecodedSource text(source, {});
  CsvReader rows(text);
  CsvRow row;
  auto more = rows.next(row);
  if (!more) return std::unexpected(std::move(more.error()));
  if (!*more) return refuse_list("the file is empty; it must begin with a header");
  const auto columns = find_columns(row);
  if (!columns) return std::unexpected(columns.error());
  const std::size_t width = row.fields.size();
  std::map<std::string, std::uint64_t> lines;  // where each sensor stands
  for (more = rows.next(row); more && *more; more = rows.next(row)) {
    auto sensor = read_row(row, *columns, width);
    if (sensor) {
      const auto [first, fresh] = lines.emplace(sensor->id, row.line);
      if (!fresh) {
        sensor =
            std::unexpected(fmt::format("the sensor {} stands in line {} already", shown(sensor->id), first->second));
      }
    }
    if (lines.size() > kListedSensorsMax) {
      return refuse_list(fmt::format("more than {} sensors; take the file apart", kListedSensorsMax));
    }
    if (!take(row.line, std::move(sensor))) return {};
  }
  if (!more) return std::unexpected(std::move(more.error()));
  return {};
}

}  // namespace temperature::client
