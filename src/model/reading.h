#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "model/ids.h"

namespace temperature {

// The quantity of a reading or question that names none.
inline constexpr std::string_view kQuantityDefault = "temperature";

// The names that make a series. Views: the bytes belong to whoever made the key.
struct SeriesKey {
  std::string_view building;
  std::string_view room;
  std::string_view sensor;
  std::string_view quantity;

  bool operator==(const SeriesKey&) const = default;
};

// Where a series' readings are kept in memory.
struct Place {
  WindowId window;
  Slot slot;

  bool operator==(const Place&) const = default;
};

// One reading of a known series. `value` is finite, in the quantity's unit.
struct Sample {
  Timestamp timestamp;
  double value = 0;

  bool operator==(const Sample&) const = default;
};

// Readings as columns: row i of each vector belongs to reading i.
struct ReadingColumns {
  std::vector<SeriesId> series;
  std::vector<Place> places;
  std::vector<Timestamp> timestamps;
  std::vector<double> values;

  [[nodiscard]] std::size_t size() const { return series.size(); }
  [[nodiscard]] bool empty() const { return series.empty(); }
  [[nodiscard]] std::size_t bytes() const {  // of memory
    return series.capacity() * sizeof(SeriesId) + places.capacity() * sizeof(Place) +
           timestamps.capacity() * sizeof(Timestamp) + values.capacity() * sizeof(double);
  }
  void reserve(std::size_t readings) {
    series.reserve(readings);
    places.reserve(readings);
    timestamps.reserve(readings);
    values.reserve(readings);
  }
  void push_back(SeriesId id, Place place, Sample sample) {
    series.push_back(id);
    places.push_back(place);
    timestamps.push_back(sample.timestamp);
    values.push_back(sample.value);
  }
  void resize(std::size_t readings) {
    series.resize(readings);
    places.resize(readings);
    timestamps.resize(readings);
    values.resize(readings);
  }
  void set(std::size_t row, SeriesId id, Place place, Sample sample) {
    series[row] = id;
    places[row] = place;
    timestamps[row] = sample.timestamp;
    values[row] = sample.value;
  }
  void clear() {
    series.clear();
    places.clear();
    timestamps.clear();
    values.clear();
  }
};

}  // namespace temperature
