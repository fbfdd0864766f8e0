#include "client/import.h"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>

#include "base/json_text.h"
#include "client/input_file.h"
#include "client/printable.h"
#include "client/recording.h"
#include "client/repeated_hours.h"

namespace temperature::client {
namespace {

// The first pass over a file whose rows' order says which of two moments a time is.
Result<void> learn_hours(InputFile& file, const TextLayout& layout, RepeatedHours& hours, const Pause& pause) {
  if (auto ready = file.make_rewindable(); !ready) return ready;
  Recording recording(file, layout, &hours, TimeReader::Pass::learn);
  if (auto begun = recording.begin(); !begun) return begun;
  Result<bool> more = recording.next();
  for (; more && *more && !pause.interrupted(); more = recording.next()) (void)recording.reading();
  if (!more) return failure(more.error().code, fmt::format("{} (at line {})", more.error().detail, recording.line()));
  if (pause.interrupted()) return failure(ErrorCode::startup, "interrupted");
  if (auto complete = hours.check(); !complete) return complete;
  return file.rewind();
}

std::string json_of(std::string_view path, std::uint64_t without_value) {
  std::string members = R"("file":)";
  append_json_string(members, printable(path));
  return members + fmt::format(R"(,"without_value":{},)", without_value);
}

// Returns how many readings of the file were not stored.
Result<std::uint64_t> import_file(const std::string& path, const ImportOptions& options,
                                  const Surroundings& surroundings) {
  auto file = InputFile::open(path);
  if (!file) return std::unexpected(std::move(file.error()));
  const bool two_passes = options.layout.ambiguous == Ambiguous::increasing;
  RepeatedHours hours;
  if (two_passes) {
    if (auto learnt = learn_hours(*file, options.layout, hours, surroundings.pause); !learnt) {
      return std::unexpected(std::move(learnt.error()));
    }
  }
  Recording recording(*file, options.layout, two_passes ? &hours : nullptr,
                      two_passes ? TimeReader::Pass::tell : TimeReader::Pass::only);
  if (auto begun = recording.begin(); !begun) return std::unexpected(std::move(begun.error()));
  auto run = Run::begin(options.destination, "line", surroundings);
  if (!run) return std::unexpected(std::move(run.error()));
  (*run)->measure_by([&file, total = file->bytes_total()]() -> std::optional<double> {
    if (!total || *total == 0) return std::nullopt;
    return static_cast<double>(file->bytes_read()) / static_cast<double>(*total);
  });
  Result<bool> more = recording.next();
  bool wanted = true;
  for (; more && *more && wanted; more = recording.next()) {
    auto reading = recording.reading();
    if (reading) {
      wanted = (*run)->add(*reading, recording.line());
    } else {
      (*run)->reject(recording.line(), std::move(reading.error()));
    }
  }
  if (surroundings.json) {
    (*run)->put_before_summary(json_of(path, recording.without_value()));
  } else {
    surroundings.out << path << '\n' << recording.description();
  }
  const auto finished = (*run)->finish();
  if (recording.without_value() > 0 && !surroundings.json) {
    surroundings.out << "rows and columns without a value " << recording.without_value() << '\n' << std::flush;
  }
  if (!more) return failure(more.error().code, fmt::format("{} (at line {})", more.error().detail, recording.line()));
  if (!finished) return std::unexpected(finished.error());
  if (!wanted) return failure(ErrorCode::startup, fmt::format("interrupted at line {}", recording.line()));
  return (*run)->not_stored();
}

}  // namespace

int import_readings(const ImportOptions& options, const Surroundings& surroundings) {
  int exit_code = 0;
  for (const std::string& path : options.paths) {
    const auto not_stored = import_file(path, options, surroundings);
    if (!not_stored) {
      return report(surroundings, {not_stored.error().code,
                                   fmt::format("{}: {}; repeating is safe", path, not_stored.error().detail)});
    }
    exit_code = std::max(exit_code, report_not_stored(surroundings, path, *not_stored));
  }
  return exit_code;
}

}  // namespace temperature::client
