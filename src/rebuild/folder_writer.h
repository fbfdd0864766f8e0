#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "access/rocks_registry.h"
#include "base/error.h"
#include "catalogue/catalogue.h"
#include "history/rocks_history.h"
#include "model/ids.h"
#include "model/reading.h"
#include "model/reading_rules.h"
#include "upkeep/format_file.h"

namespace temperature::limits {

// Readings that are sorted at once while a data folder is built out of a database.
inline constexpr std::size_t kRebuildSortedAtOnce = 2'000'000;
// Of these, readings that are handed to the folder's history at once.
inline constexpr std::size_t kRebuildPieceReadings = 65'536;
// Definitions of series that are handed to it at once.
inline constexpr std::uint64_t kRebuildDefinitionsAtOnce = 50'000;

}  // namespace temperature::limits

namespace temperature::rebuild {

// Builds a data folder: first the names, then readings in order of series and time; sensors and keys at any time. It is
// no data folder before finish(): the file FORMAT comes last, and a folder with data and without it is served by
// nobody. One thread.
class FolderWriter {
 public:
  // Error startup: `data_dir` is not an empty folder or one that can be made, or lies in another data folder.
  static Result<std::unique_ptr<FolderWriter>> begin(const std::filesystem::path& data_dir, ReadingRules rules);
  // Removes what was written, unless it was finished.
  ~FolderWriter();
  FolderWriter(const FolderWriter&) = delete;
  FolderWriter& operator=(const FolderWriter&) = delete;

  // The first one gets the id 0, and so on. Error startup: names that no data folder may have, or the same twice; a
  // unit that contradicts another.
  Result<void> add_series(const SeriesKey& key);
  Result<void> add_unit(const std::string& quantity, const std::string& unit);
  [[nodiscard]] std::size_t series_count() const { return catalogue_.series_count(); }

  // False: no folder can hold it, for the value is not finite or the time none that a reading has; it is passed over.
  // Readings may come in any order; of several of one series and time the first one stays. REQUIRES: the series was
  // added. Error disk_full, history_failed.
  Result<bool> add_reading(SeriesId series, const Sample& sample);
  // How many readings there are now, each counted once. Error as above.
  Result<std::uint64_t> count_readings();

  // A record as the registry has it (docs/formats/registry.md). Error registry_failed: it is none, or cannot be kept.
  Result<void> add_sensor(std::string_view id, std::string_view record);
  Result<void> add_key(std::string_view id, std::string_view record);

  // Has everything on the disk, with further files (name, bytes), and makes it a data folder.
  Result<void> finish(const upkeep::FormatFile& format, const std::vector<std::pair<std::string, std::string>>& files);

 private:
  FolderWriter(std::filesystem::path data_dir, ReadingRules rules);
  Result<void> make();
  Result<void> write_pending();
  Result<void> write_definitions();
  Result<void> make_journal();

  const std::filesystem::path data_dir_;
  bool begun_ = false;  // something of it may be there
  bool made_ = false;   // the folder itself, by us
  bool finished_ = false;
  catalogue::Catalogue catalogue_;
  std::unique_ptr<history::RocksHistory> history_;
  std::unique_ptr<access::RocksRegistry> registry_;
  std::vector<std::string> files_;  // further ones
  struct Pending {
    SeriesId series;
    Sample sample;
  };
  std::vector<Pending> pending_;
};

}  // namespace temperature::rebuild
