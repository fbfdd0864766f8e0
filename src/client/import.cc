#include "client/import.h"

#include <fmt/format.h>

#include <ostream>

#include "client/input_file.h"
#include "client/recording.h"

namespace temperature::client {
namespace {

Result<void> import_file(const std::string& path, const Destination& destination, const Surroundings& surroundings) {
  auto file = InputFile::open(path);
  if (!file) return std::unexpected(std::move(file.error()));
  Recording recording(*file);
  if (auto begun = recording.begin(); !begun) return begun;
  auto run = Run::begin(destination, "line", surroundings);
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
  surroundings.out << path << '\n';
  const auto finished = (*run)->finish();
  if (!more) return failure(more.error().code, fmt::format("{} (at line {})", more.error().detail, recording.line()));
  if (!finished) return finished;
  if (!wanted) return failure(ErrorCode::startup, fmt::format("interrupted at line {}", recording.line()));
  return {};
}

}  // namespace

int import_readings(const ImportOptions& options, const Surroundings& surroundings) {
  for (const std::string& path : options.paths) {
    if (auto done = import_file(path, options.destination, surroundings); !done) {
      return report(surroundings,
                    {done.error().code, fmt::format("{}: {}; repeating is safe", path, done.error().detail)});
    }
  }
  return 0;
}

}  // namespace temperature::client
