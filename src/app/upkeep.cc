#include "app/upkeep.h"

#include <fmt/format.h>

#include <utility>

#include "app/folder_mark.h"
#include "history/verify.h"
#include "upkeep/keeping_file.h"
#include "upkeep/names.h"

namespace temperature::app {

upkeep::BackupSource backup_source(const DataDirectory& directory, const history::RocksHistory& history,
                                   const journal::RocksJournal& journal, const access::RocksRegistry& registry,
                                   pipeline::Pipeline& pipeline) {
  const auto below = [&](const std::filesystem::path& folder) { return folder.lexically_relative(directory.path()); };
  return {.data_dir = directory.path(),
          .stores = {{below(directory.history()), &history.db()},
                     {below(directory.journal()), &journal.db()},
                     {below(directory.registry()), &registry.db()}},
          .hold_journal = [&pipeline] { return pipeline.hold_journal(); },
          .positions = [&history, &journal] { return std::pair(history.safe_position(), journal.status().last); }};
}

Result<upkeep::Verdict> verify(const std::filesystem::path& data_dir, upkeep::Depth depth,
                               const std::function<void(const upkeep::Finding&)>& found,
                               const std::function<void(const upkeep::Verdict&)>& progress) {
  const auto directory = DataDirectory::open_as_it_is(data_dir);
  if (!directory) return std::unexpected(directory.error());
  std::uint64_t unlike = 0;
  const auto tell = [&](std::string what) {
    ++unlike;
    found({std::move(what)});
  };
  if (auto different = differences(*directory); !different) {
    tell(std::move(different.error().detail));
  } else {
    for (std::string& what : *different) tell(std::move(what));
  }
  if (const auto keeping = upkeep::read_keeping(data_dir); !keeping) tell(keeping.error().detail);
  upkeep::Verdict verdict =
      upkeep::verify({directory->journal(), directory->history(), directory->registry()}, depth, found, progress);
  verdict.findings += unlike;
  return verdict;
}

Result<audit::Head> verify_audit(const std::filesystem::path& data_dir,
                                 const std::function<void(const std::string&)>& found) {
  const auto directory = DataDirectory::open_as_it_is(data_dir);
  if (!directory) return std::unexpected(directory.error());
  const auto inspection = history::Inspection::open(directory->history());
  if (!inspection) return std::unexpected(inspection.error());
  return inspection->verify_audit([&found](const history::Damage& damage) { found(damage.what); });
}

Result<NameCheck> read_names(const std::filesystem::path& data_dir) {
  const auto directory = DataDirectory::open_as_it_is(data_dir);
  if (!directory) return std::unexpected(directory.error());
  const auto different = differences(*directory);
  if (!different) return std::unexpected(different.error());
  if (!different->empty()) {
    return failure(ErrorCode::startup, fmt::format("the names cannot all be read: {}", different->front()));
  }
  return upkeep::read_names({directory->journal(), directory->history(), directory->registry()});
}

}  // namespace temperature::app
