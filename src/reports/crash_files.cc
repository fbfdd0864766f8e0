#include "reports/crash_files.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/regular_file.h"
#include "reports/crash_handler.h"

namespace temperature::reports {
namespace {

// "CHECK failed: a > b (/where/it/was/built/src/window/leaf.cc:86)"
std::string without_folder_of_build(std::string_view reason) {
  constexpr std::string_view kSources = "/src/";
  const auto sources = reason.rfind(kSources);
  const auto path = sources == std::string_view::npos ? sources : reason.rfind('(', sources);
  if (path == std::string_view::npos) return std::string(reason);
  return std::string(reason.substr(0, path + 1)) + std::string(reason.substr(sources + kSources.size()));
}

}  // namespace

std::vector<CrashFile> crash_files_in(const std::filesystem::path& folder) {
  std::vector<CrashFile> files;
  for (std::size_t number = 0; number < limits::kCrashRecordsMax; ++number) {
    CrashFile file{folder / crash_file_name(number), std::nullopt};
    std::error_code none;
    if (!std::filesystem::exists(std::filesystem::symlink_status(file.path, none))) continue;
    if (const auto bytes = read_regular_file(file.path, limits::kCrashRecordBytesMax)) {
      file.record = decode_crash_record(*bytes);
    }
    files.push_back(std::move(file));
  }
  const auto time_of = [](const CrashFile& file) { return file.record ? file.record->time : Timestamp(); };
  std::ranges::stable_sort(files, {}, time_of);
  return files;
}

Event event_of(const CrashRecord& record) {
  Event event{.id = new_event_id(),
              .time = record.time,
              .release = record.release,
              .environment = record.environment,
              .message = {},
              .code = {},
              .repeated = 0,
              .crash = record.crash};
  event.crash->reason = without_folder_of_build(record.crash.reason);
  return event;
}

}  // namespace temperature::reports
