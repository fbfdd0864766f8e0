#pragma once

#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/line_protocol.h"
#include "mapping/line_rules.h"

// How the tags of a line name its sensor.
//
// Former rules: the first of LineRules::sensor_tags that the line has.
//
// Current rules: all tags of the line but those that name building and room, those that say the unit, those of
// kDescribingTags, and those of kSecondChoiceTags where one of LineRules::sensor_tags stands that is not among them.
//   - One tag of LineRules::sensor_tags alone: its value as it is, `s1`.
//   - Else `key=value` pairs in the order of their keys, with commas between: `chip=coretemp,feature=core_0,host=pi`.
//     Each value is in the form that normalise_name() gives it, and a backslash stands before each backslash, comma and
//     equals sign of a key or value. So two lines whose naming tags differ never have one name; only a lone sensor tag
//     can be given a value that looks like such pairs, and then means that very sensor: what was exported under such a
//     name can be written back with `sensor=NAME`.
//   - LineRules::sensor_tags other than the built-in ones: those tags alone name the sensor, all that the line has.
//   - Home Assistant's preset keeps its `entity_id`: see line_names.h.
//   - Under a sensor's token, a tag whose value is the sensor's id is the sensor.
namespace temperature::mapping {

// Text that had to be made, because it does not stand in a line as it is meant. Never moves.
using MadeNames = std::deque<std::string>;

// What becomes of a tag.
enum class TagUse : std::uint8_t {
  unused,      // of the building's, room's, sensor's tags and second choices: others went before it
  describing,  // one of kDescribingTags
  unit,
  building,
  room,
  sensor,  // names the sensor, alone or with others
};

// A tag of a line, unescaped.
struct MeantTag {
  std::string_view key;
  std::string_view value;
  TagUse use = TagUse::unused;
  bool proven = false;  // its value is the id of the sensor whose token sent the line
};
using MeantTags = boost::container::small_vector<MeantTag, 16>;

// The tags of a line and what each is used for, in the line's order. `sensor_id`: whose token sent the line; empty:
// none's. Views: into the series and `made`.
MeantTags read_tags(const ingest::LineSeries& series, const LineRules& rules, std::string_view sensor_id,
                    MadeNames& made);

// The name that the tags in use for the sensor make, and from which keys: both empty when there is none.
struct SensorName {
  std::string_view name;
  std::string_view from;   // the key, or several with ", " between
  std::uint32_t tags = 0;  // how many made it
};
SensorName sensor_name(const MeantTags& tags, const LineRules& rules, MadeNames& made);

// A backslash before each backslash, comma and equals sign.
void append_escaped(std::string& text, std::string_view name);

// Whether the sensor is named by the tags of LineRules::sensor_tags alone, because they are others than the built-in.
bool names_by_given_tags(const LineRules& rules);

// The tags of a line that its building, room, sensor and unit were not taken from: what differs in them does not make
// another series. `key=value` with ", " between, in the line's order, at most `bytes_max` bytes with "..." at the end
// when that is not all; empty: there is none, or the line cannot be read. Slow: for whoever asks why.
std::string unused_tags(std::string_view line, const LineRules& rules, std::string_view sensor_id,
                        std::size_t bytes_max);

}  // namespace temperature::mapping
