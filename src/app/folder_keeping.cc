#include "app/folder_keeping.h"

#include <fmt/format.h>

#include <chrono>
#include <string_view>
#include <utility>

#include "upkeep/keeping_file.h"

namespace temperature::app {
namespace {

constexpr Duration kDay = std::chrono::hours(24);

// "6 minutes"
std::string in_words(Duration length) {
  struct Unit {
    Duration length;
    std::string_view name;
  };
  for (const auto& [unit, name] : {Unit{std::chrono::hours(1), "hour"}, Unit{std::chrono::minutes(1), "minute"},
                                   Unit{std::chrono::seconds(1), "second"}}) {
    if (length % unit == Duration(0)) return fmt::format("{} {}{}", length / unit, name, length == unit ? "" : "s");
  }
  return fmt::format("{} milliseconds", length.count());
}

}  // namespace

FolderKeeping::FolderKeeping(std::filesystem::path data_dir, const telemetry::Log& log)
    : data_dir_(std::move(data_dir)) {
  auto read = upkeep::read_keeping(data_dir_);
  if (read) {
    found_ = std::move(*read);
  } else {
    log.error("what the data folder knows of the time and of its retention cannot be read; it is taken for unknown",
              {{"code", std::string(traits(read.error().code).code)}, {"reason", read.error().detail}});
  }
}

Result<void> FolderKeeping::check(const Retention& retention) const {
  const auto ran_with = [this](std::string_view quantity, Duration length) {
    if (!found_) return false;
    const auto shortest = found_->shortest.find(quantity);
    return shortest != found_->shortest.end() && shortest->second <= length;
  };
  const auto check_one = [&](std::string_view quantity, Duration length) -> Result<void> {
    if (length == Duration(0) || length >= kDay || ran_with({}, length) || ran_with(quantity, length)) return {};
    return failure(
        ErrorCode::startup,
        fmt::format(
            "--retention {}{} was read as {} (m is minutes; six months are 180d): everything that is older would "
            "be deleted from {}, which has not run with so short a retention before. If that is what you mean, "
            "start once with --allow-short-retention",
            quantity.empty() ? std::string() : fmt::format("{}=", quantity), format_duration(length), in_words(length),
            data_dir_.string()));
  };
  if (auto checked = check_one({}, retention.others()); !checked) return checked;
  for (const auto& [quantity, length] : retention.own()) {
    if (auto checked = check_one(quantity, length); !checked) return checked;
  }
  return {};
}

Result<void> FolderKeeping::note(const Keeping& keeping) {
  return upkeep::write_keeping(data_dir_, keeping);
}

}  // namespace temperature::app
