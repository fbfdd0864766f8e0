#pragma once

#include <cstddef>

// How long names may be.
namespace temperature::limits {

// Bytes of UTF-8 in the name of a building, room or quantity; a longer one is refused (id_invalid).
inline constexpr std::size_t kNameBytesMax = 128;
// Bytes of UTF-8 in a sensor's name, which may be made of several tags of a line; a longer one is refused (id_invalid).
// The id of a registered sensor has at most kNameBytesMax.
inline constexpr std::size_t kSensorNameBytesMax = 512;
// Bytes of UTF-8 in a unit; a reading that defines a longer one is refused (id_invalid).
inline constexpr std::size_t kUnitBytesMax = 32;
// Bytes of the sender's name that the journal keeps of each batch; the rest is cut off.
inline constexpr std::size_t kSenderBytesMax = 128;

}  // namespace temperature::limits
