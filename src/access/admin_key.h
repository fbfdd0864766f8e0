#pragma once

#include <filesystem>
#include <string>

#include "base/error.h"

// The operator's own key, which opens everything.
namespace temperature::access {

inline constexpr std::size_t kAdminKeyCharactersMin = 16;

// Error startup when the key is shorter than that, or has spaces.
Result<void> check_admin_key(const std::string& key);

struct AdminKey {
  std::string key;
  bool made = false;  // just now, and not before
};

// Reads the key that `file` holds on its one line, or makes one and keeps it there (mode 0600). Error startup.
Result<AdminKey> read_or_make_admin_key(const std::filesystem::path& file);

// Reads a secret from a file: its first line. Error startup.
Result<std::string> read_secret(const std::filesystem::path& file);

// Whether others than the file's owner and its group can read it, or others than its owner change it. False: also when
// that cannot be told.
bool is_open_to_others(const std::filesystem::path& file);

// Writes a new file that only its owner may read (mode 0600), synced. Error startup: also when it is there already.
Result<void> write_secret(const std::filesystem::path& file, const std::string& text);

}  // namespace temperature::access
