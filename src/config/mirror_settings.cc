#include "config/mirror_settings.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/size_text.h"
#include "config/database_url.h"
#include "config/environment.h"
#include "config/settings.h"

namespace temperature::config {

Result<void> check_schema_name(const std::string& flag, const std::string& name) {
  const auto good = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  const bool begins_well = !name.empty() && (name[0] < '0' || name[0] > '9') && !name.starts_with("pg_");
  if (begins_well && name.size() <= limits::kSchemaNameBytesMax && std::ranges::all_of(name, good) &&
      name != "information_schema") {
    return {};
  }
  return failure(ErrorCode::usage,
                 fmt::format("{} must be a schema's name of at most {} letters a to z, digits and _, which begins with "
                             "no digit and not with pg_; not \"{}\"",
                             flag, limits::kSchemaNameBytesMax, name));
}

Result<MirrorSettings> check_mirror(const Flags& flags, std::span<const char* const> environment) {
  MirrorSettings mirror;
  auto url =
      database_url({flags.timescale_url, flags.timescale_url_file}, environment, FlagsAndEnvironment::must_agree);
  if (!url) return std::unexpected(std::move(url.error()));
  mirror.url = std::move(*url);
  for (const std::string& file : {flags.timescale_url_file, variable_of(environment, "TEMPERATURE_TIMESCALE_URL_FILE"),
                                  variable_of(environment, "TIMESCALE_DB_URL_FILE")}) {
    if (!file.empty() && std::ranges::find(mirror.secret_files, file) == mirror.secret_files.end())
      mirror.secret_files.push_back(file);
  }
  if (auto good = check_schema_name("--timescale-schema", flags.timescale_schema); !good) {
    return std::unexpected(std::move(good.error()));
  }
  mirror.view_schema = flags.timescale_schema;
  const auto journal_max = parse_size(flags.mirror_journal_max);
  if (!journal_max || *journal_max < limits::kMirrorJournalMin) {
    return failure(ErrorCode::usage, fmt::format("--mirror-journal-max must be a size of at least {} such as 1GiB or "
                                                 "500MiB, not \"{}\"",
                                                 format_size(limits::kMirrorJournalMin), flags.mirror_journal_max));
  }
  mirror.journal_max = *journal_max;
  mirror.copies = flags.mirror_writes == "copy";
  if (!mirror.copies && flags.mirror_writes != "insert") {
    return failure(ErrorCode::usage,
                   fmt::format("--mirror-writes must be copy or insert, not \"{}\"", flags.mirror_writes));
  }
  return mirror;
}

}  // namespace temperature::config
