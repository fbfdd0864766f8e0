#pragma once

#include <filesystem>
#include <string>

#include "access/gate.h"

namespace temperature::access {

// Lets everybody do everything: --dev, on loopback only.
class OpenGate final : public Gate {
 public:
  [[nodiscard]] Result<std::string> admit(std::string_view authorization, Need need) const override;
};

// One key opens everything that is not open anyway: "Authorization: Bearer KEY".
class AdminKeyGate final : public Gate {
 public:
  // Error startup when the key is shorter than kKeyCharactersMin or has spaces.
  static Result<AdminKeyGate> make(std::string key);

  [[nodiscard]] Result<std::string> admit(std::string_view authorization, Need need) const override;

  static constexpr std::size_t kKeyCharactersMin = 16;

 private:
  explicit AdminKeyGate(std::string key) : key_(std::move(key)) {}

  std::string key_;
};

struct AdminKey {
  std::string key;
  bool made = false;  // just now, and not before
};

// Reads the key that `file` holds on its one line, or makes one and keeps it there (mode 0600). Error startup.
Result<AdminKey> read_or_make_admin_key(const std::filesystem::path& file);

// Reads a secret from a file: its first line. Error startup.
Result<std::string> read_secret(const std::filesystem::path& file);

}  // namespace temperature::access
