#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/bytes.h"
#include "model/reading.h"

// The timestamps of a chunk. Those that all lie one step apart need nothing but that step.
// docs/formats/chunk.md draws them.
namespace temperature::history {

// The step in ms (modulo 2^64) between all neighbours, if it is one; 0 for a single sample.
std::optional<std::uint64_t> regular_step(std::span<const Sample> samples);

// Appends the timestamps of two samples or more, the first of which is known to whoever reads them.
void append_times(std::string& out, std::span<const Sample> samples);

// Reads as many timestamps as there is room for. False when the bytes are not what append_times() writes;
// whether the timestamps rise is not looked at.
bool read_times(ByteReader& in, Timestamp first, std::span<Sample> samples);

}  // namespace temperature::history
