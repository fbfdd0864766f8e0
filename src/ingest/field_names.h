#pragma once

#include "ingest/raw_reading.h"
#include "model/field_names.h"

namespace temperature::ingest {

using Field = ReadingField;
using Spelling = FieldSpelling;

// Whether both readings have the same in that field. REQUIRES: both have it; not Field::unknown.
inline bool same_value(Field field, const RawReading& one, const RawReading& other) {
  switch (field) {
    case Field::building:
      return one.building == other.building;
    case Field::room:
      return one.room == other.room;
    case Field::sensor:
      return one.sensor == other.sensor;
    case Field::quantity:
      return one.quantity == other.quantity;
    case Field::unit:
      return one.unit == other.unit;
    case Field::timestamp:
      return one.timestamp_ms == other.timestamp_ms;
    case Field::value:
    case Field::unknown:
      break;
  }
  return one.value == other.value;
}

}  // namespace temperature::ingest
