#include "rebuild/folder_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "access/registry_codec.h"
#include "base/check.h"
#include "base/descriptor.h"
#include "base/timestamp_limits.h"
#include "base/utf8.h"
#include "catalogue/definition.h"
#include "journal/rocks_journal.h"
#include "summary/steps.h"
#include "summary/summary.h"
#include "upkeep/files.h"

namespace temperature::rebuild {
namespace {

namespace fs = std::filesystem;

// As app::DataDirectory has them.
constexpr const char* kJournal = "journal";
constexpr const char* kHistory = "history";
constexpr const char* kAccess = "access";
constexpr const char* kRegistry = "registry";

std::unexpected<Error> refused(std::string detail) {
  return failure(ErrorCode::startup, std::move(detail));
}

// Under the former rules names were taken as they came: not everything that is refused today was.
bool can_be_name(std::string_view name) {
  return !name.empty() && valid_utf8(name);
}

}  // namespace

FolderWriter::FolderWriter(fs::path data_dir, ReadingRules rules)
    : data_dir_(std::move(data_dir)), catalogue_(std::numeric_limits<std::uint32_t>::max(), rules) {}

FolderWriter::~FolderWriter() {
  if (finished_ || !begun_) return;
  history_.reset();
  registry_.reset();
  std::error_code ignored;
  if (made_) {
    fs::remove_all(data_dir_, ignored);
    return;
  }
  for (const char* folder : {kJournal, kHistory, kAccess}) fs::remove_all(data_dir_ / folder, ignored);
  for (const std::string& file : files_) fs::remove(data_dir_ / file, ignored);
}

Result<std::unique_ptr<FolderWriter>> FolderWriter::begin(const fs::path& data_dir, ReadingRules rules) {
  if (const auto around = upkeep::store_around(data_dir); !around.empty()) {
    return refused(fmt::format("cannot build {}: it lies in {}, which is a data folder or a backup itself",
                               data_dir.string(), around.string()));
  }
  if (!upkeep::is_empty_folder(data_dir)) {
    return refused(fmt::format("cannot build {}: it is not empty; a new folder is needed", data_dir.string()));
  }
  std::unique_ptr<FolderWriter> writer(new FolderWriter(data_dir, rules));
  if (auto made = writer->make(); !made) return std::unexpected(std::move(made.error()));
  return writer;
}

Result<void> FolderWriter::make() {
  std::error_code error;
  made_ = !fs::exists(data_dir_, error);
  begun_ = true;
  // Others on this machine have no business there.
  for (const fs::path& folder : {data_dir_, data_dir_ / kJournal, data_dir_ / kHistory, data_dir_ / kAccess}) {
    fs::create_directories(folder, error);
    if (!error && folder != data_dir_) fs::permissions(folder, fs::perms::owner_all, error);
    if (error) return refused(fmt::format("cannot make {}: {}", folder.string(), error.message()));
  }
  auto history = history::RocksHistory::open({.path = data_dir_ / kHistory});
  if (!history) return std::unexpected(std::move(history.error()));
  history_ = std::move(*history);
  auto registry = access::RocksRegistry::open(data_dir_ / kAccess / kRegistry);
  if (!registry) return std::unexpected(std::move(registry.error()));
  registry_ = std::move(*registry);
  return {};
}

Result<void> FolderWriter::add_series(const SeriesKey& key) {
  for (const std::string_view name : {key.building, key.room, key.sensor, key.quantity}) {
    if (!can_be_name(name)) return refused(fmt::format("series {} has a name that none can have", series_count()));
  }
  auto added = catalogue_.restore(catalogue::SeriesDefined{SeriesId(static_cast<std::uint32_t>(series_count())),
                                                           std::string(key.building), std::string(key.room),
                                                           std::string(key.sensor), std::string(key.quantity)});
  return added ? added : refused(std::move(added.error().detail));
}

Result<void> FolderWriter::add_unit(const std::string& quantity, const std::string& unit) {
  auto added = catalogue_.restore(catalogue::UnitDefined{quantity, unit});
  return added ? added : refused(std::move(added.error().detail));
}

Result<bool> FolderWriter::add_reading(SeriesId series, const Sample& sample) {
  CHECK(series.value() < series_count());
  if (!std::isfinite(sample.value) || sample.timestamp < limits::kTimestampFirst ||
      sample.timestamp > limits::kTimestampLast) {
    return false;
  }
  pending_.push_back({series, sample});
  if (pending_.size() < limits::kRebuildSortedAtOnce) return true;
  auto written = write_pending();
  if (!written) return std::unexpected(std::move(written.error()));
  return true;
}

Result<void> FolderWriter::write_pending() {
  std::ranges::stable_sort(pending_, {},
                           [](const Pending& each) { return std::pair(each.series, each.sample.timestamp); });
  std::vector<history::Run> runs;
  std::size_t waiting = 0;
  Result<void> written;
  for (const auto& [series, sample] : pending_) {
    if (waiting == limits::kRebuildPieceReadings) {
      written = history_->write(runs);
      if (!written) return written;
      runs.clear();
      waiting = 0;
    }
    if (runs.empty() || runs.back().series != series) runs.push_back({series, {}});
    std::vector<Sample>& samples = runs.back().samples;
    if (!samples.empty() && samples.back().timestamp == sample.timestamp) continue;
    samples.push_back(sample);
    ++waiting;
  }
  pending_.clear();
  return runs.empty() ? written : history_->write(runs);
}

Result<std::uint64_t> FolderWriter::count_readings() {
  if (auto written = write_pending(); !written) return std::unexpected(std::move(written.error()));
  const auto view = history_->view();
  const auto all = summary::Steps::whole(limits::kTimestampFirst, tick_after(limits::kTimestampLast));
  std::uint64_t count = 0;
  for (std::uint32_t series = 0; series < series_count(); ++series) {
    summary::Summary summary;
    if (auto folded = view->fold(SeriesId(series), all, {&summary, 1}); !folded) {
      return std::unexpected(std::move(folded.error()));
    }
    count += summary.count;
  }
  return count;
}

// The folder's own journal has no record yet: the history is the whole of it.
Result<void> FolderWriter::write_definitions() {
  const std::uint64_t defined = catalogue_.definitions();
  do {
    const std::uint64_t stored = history_->definitions_stored();
    const std::uint64_t upto = std::min(defined, stored + limits::kRebuildDefinitionsAtOnce);
    if (auto done = history_->commit(Position(), stored, catalogue_.definitions(stored, upto)); !done) return done;
  } while (history_->definitions_stored() < defined);
  return {};
}

Result<void> FolderWriter::add_sensor(std::string_view id, std::string_view record) {
  const auto sensor = access::decode_sensor(id, record);
  if (!sensor) return std::unexpected(sensor.error());
  return registry_->put_sensor(*sensor);
}

Result<void> FolderWriter::add_key(std::string_view id, std::string_view record) {
  const auto key = access::decode_key(id, record);
  if (!key) return std::unexpected(key.error());
  return registry_->put_key(*key);
}

// Without a record.
Result<void> FolderWriter::make_journal() {
  auto journal = journal::RocksJournal::open({.path = data_dir_ / kJournal, .env = nullptr, .log = {}}, catalogue_);
  if (!journal) return std::unexpected(std::move(journal.error()));
  return {};
}

Result<void> FolderWriter::finish(const upkeep::FormatFile& format,
                                  const std::vector<std::pair<std::string, std::string>>& files) {
  if (auto done = write_pending(); !done) return done;
  if (auto done = write_definitions(); !done) return done;
  if (auto done = history_->settle(); !done) return done;
  if (auto done = make_journal(); !done) return done;
  for (const auto& [name, bytes] : files) {
    files_.push_back(name);
    if (auto done = upkeep::write_file(data_dir_ / name, bytes); !done) return done;
  }
  history_.reset();
  registry_.reset();
  for (const fs::path& folder :
       {data_dir_ / kAccess, data_dir_, fs::absolute(data_dir_).lexically_normal().parent_path()}) {
    if (const auto unsynced = sync_folder(folder)) {
      return refused(fmt::format("cannot write {}: {}", folder.string(), unsynced.message()));
    }
  }
  auto done = upkeep::write_format(data_dir_, format);
  finished_ = done.has_value();
  return done;
}

}  // namespace temperature::rebuild
