#include "cli/compare_rules.h"

#include <fmt/format.h>

#include <fstream>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "base/sizes.h"
#include "ingest/line_protocol.h"
#include "mapping/line_names.h"

namespace temperature::limits {

// Bytes of a file whose lines explain-line compares; a larger one is refused.
inline constexpr std::size_t kComparedBytesMax = 1'024 * kMiB;

}  // namespace temperature::limits

namespace temperature::cli {
namespace {

using Series = std::pair<std::string, std::string>;  // under the former rules, and under the current ones

bool read_file(const std::string& file, std::string& text) {
  std::ifstream in(file, std::ios::binary | std::ios::ate);
  const auto bytes = in.tellg();
  if (!in || bytes < 0 || static_cast<std::size_t>(bytes) > limits::kComparedBytesMax) return false;
  text.resize(static_cast<std::size_t>(bytes));
  in.seekg(0);
  in.read(text.data(), bytes);
  return in.good() || text.empty();
}

// "building/room/sensor quantity", or why there is none.
std::string name_of(const ingest::LineSeries& series, std::string_view field, const Naming& naming,
                    ReadingRules reading_rules) {
  mapping::LineRules rules = naming.rules;
  rules.reading_rules = reading_rules;
  mapping::MadeNames made;
  const mapping::LineNames names = names_of(series, rules, naming.devices, made);
  if (names.refused) return fmt::format("refused: {}", traits(*names.refused).code);
  const auto quantity = quantity_of(names, field, made);
  if (!quantity) return {};
  return fmt::format("{}/{}/{} {}", names.building.empty() ? naming.default_building : names.building, names.room,
                     names.sensor, *quantity);
}

// Every series of the lines, once, and how many lines cannot be read.
std::set<Series> names_in(std::string_view text, const Naming& naming, std::size_t& unread) {
  std::set<Series> names;
  std::set<std::string> seen;
  ingest::LineReader reader(text);
  ingest::LinePoint point;
  ingest::LineSeries series;
  for (auto found = reader.next(point); found != ingest::LineReader::Found::end; found = reader.next(point)) {
    if (found == ingest::LineReader::Found::fault || series.read(point.series) != ingest::LineFault::none) {
      ++unread;
      continue;
    }
    for (const ingest::LineField& field : point.fields) {
      if (field.kind != ingest::LineField::Kind::number || !naming.rules.fields.takes(field.key)) continue;
      if (!seen.insert(std::string(point.series).append(" ").append(field.key)).second) continue;
      names.emplace(name_of(series, field.key, naming, ReadingRules::former),
                    name_of(series, field.key, naming, ReadingRules::current));
    }
  }
  return names;
}

}  // namespace

int compare_rules(const std::string& file, const Naming& naming) {
  std::string text;
  if (!read_file(file, text)) {
    fmt::print(stderr, "temperature-service: cannot read {}: it is no file of at most {} bytes that can be read\n",
               file, limits::kComparedBytesMax);
    return 2;
  }
  std::size_t unread = 0;
  const std::set<Series> names = names_in(text, naming, unread);
  std::map<std::string_view, std::size_t> of_former;
  std::map<std::string_view, std::size_t> of_current;
  for (const auto& [former, current] : names) {
    ++of_former[former];
    ++of_current[current];
  }
  std::size_t changed = 0;
  for (const auto& [former, current] : names) {
    if (former == current) continue;
    ++changed;
    fmt::print("{} -> {}\n", former, current);
  }
  const auto tell = [](const auto& counts, std::string_view rules, std::string_view others) {
    for (const auto& [name, count] : counts) {
      if (count < 2 || name.starts_with("refused: ")) continue;
      fmt::print("{} under the {} rules is {} series under the {} ones\n", name, rules, count, others);
    }
  };
  tell(of_former, "former", "current");
  tell(of_current, "current", "former");
  fmt::print("{} of {} series would have another name\n", changed, names.size());
  if (unread > 0) fmt::print("{} lines cannot be read\n", unread);
  return changed == 0 ? 0 : 1;
}

}  // namespace temperature::cli
