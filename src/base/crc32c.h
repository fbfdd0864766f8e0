#pragma once

#include <cstdint>
#include <string_view>

namespace temperature {

// CRC-32C (Castagnoli, RFC 3720 appendix B.4) of `bytes`. Table-driven: for checks off the hot path.
std::uint32_t crc32c(std::string_view bytes);

}  // namespace temperature
