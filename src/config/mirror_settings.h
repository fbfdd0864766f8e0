#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/sizes.h"
#include "postgres/url.h"

namespace temperature::limits {

// Characters of a schema's name in the database, which cuts longer names off.
inline constexpr std::size_t kSchemaNameBytesMax = 63;
// Bytes of --mirror-journal-max; less is refused.
inline constexpr std::uint64_t kMirrorJournalMin = 64 * kKiB;

}  // namespace temperature::limits

namespace temperature::config {

struct Flags;

// The schema of the mirror's tables, and of its views unless --timescale-schema names another.
inline constexpr const char* kMirrorSchema = "temperature_service";

// The mirror in a database; none without a URL.
struct MirrorSettings {
  std::optional<postgres::Url> url;
  std::vector<std::string> secret_files;  // that the URL is from: others should not read them
  std::string view_schema = kMirrorSchema;
  std::uint64_t journal_max = 0;  // bytes of the journal that are kept for it
  bool copies = true;             // readings by COPY; else by INSERT
};

// Error usage: names the flag and what it must be; startup: a file cannot be read.
Result<MirrorSettings> check_mirror(const Flags& flags, std::span<const char* const> environment);

// Whether it can be a schema's name without being quoted. Error usage.
Result<void> check_schema_name(const std::string& flag, const std::string& name);

}  // namespace temperature::config
