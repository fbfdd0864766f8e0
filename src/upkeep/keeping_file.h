#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "model/keeping.h"

// What a data folder knows of how its readings are kept: the file KEEPING (docs/formats/keeping.md).
namespace temperature::upkeep {

inline constexpr const char* kKeepingFile = "KEEPING";

// nullopt: there is none. Error startup: it is damaged, or cannot be read.
Result<std::optional<Keeping>> read_keeping(const std::filesystem::path& data_dir);
// It is written aside and renamed, and durable: whole or not there. Error startup or disk_full.
Result<void> write_keeping(const std::filesystem::path& data_dir, const Keeping& keeping);

std::string encode_keeping(const Keeping& keeping);
std::optional<Keeping> decode_keeping(std::string_view text);

}  // namespace temperature::upkeep
