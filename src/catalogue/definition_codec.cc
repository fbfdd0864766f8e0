#include "catalogue/definition_codec.h"

#include "model/name_limits.h"

namespace temperature::catalogue {
namespace {

constexpr std::uint8_t kSeriesDefined = 1;
constexpr std::uint8_t kUnitDefined = 2;

}  // namespace

void encode_definition(ByteWriter& out, const Definition& definition) {
  if (const auto* unit = std::get_if<UnitDefined>(&definition)) {
    out.fixed(kUnitDefined);
    out.text(unit->quantity);
    out.text(unit->unit);
    return;
  }
  const auto& series = std::get<SeriesDefined>(definition);
  out.fixed(kSeriesDefined);
  out.fixed(series.id.value());
  for (const std::string* name : {&series.building, &series.room, &series.sensor, &series.quantity}) out.text(*name);
}

bool decode_definition(ByteReader& in, Definition& definition) {
  const auto kind = in.fixed<std::uint8_t>();
  if (kind == kUnitDefined) {
    const std::string_view quantity = in.text(limits::kNameBytesMax);
    const std::string_view unit = in.text(limits::kUnitBytesMax);
    definition = UnitDefined{std::string(quantity), std::string(unit)};
    return in.ok();
  }
  if (kind != kSeriesDefined) return false;
  SeriesDefined series;
  series.id = SeriesId(in.fixed<std::uint32_t>());
  for (std::string* name : {&series.building, &series.room, &series.sensor, &series.quantity}) {
    *name = in.text(name == &series.sensor ? limits::kSensorNameBytesMax : limits::kNameBytesMax);
  }
  definition = std::move(series);
  return in.ok();
}

}  // namespace temperature::catalogue
