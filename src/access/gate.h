#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace temperature::access {

// What somebody wants to do.
enum class Need : std::uint8_t { nothing, read, write, admin };

// Who is it, and may it. Thread-safe.
class Gate {
 public:
  virtual ~Gate() = default;

  // The credential's name, at most limits::kSenderBytesMax bytes. `authorization` is the header's value, empty when
  // absent. Errors: credential_missing, credential_invalid, forbidden.
  [[nodiscard]] virtual Result<std::string> admit(std::string_view authorization, Need need) const = 0;
};

}  // namespace temperature::access
