#include "rebuild/rebuild.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "rebuild/folder_writer.h"
#include "upkeep/format_file.h"

namespace temperature::rebuild {
namespace {

using Progress = std::function<void(const Rebuilt&)>;

constexpr std::uint64_t kReadingsBetweenProgress = 4'096;

// Those of a folder whose database does not say: it was made when there were no others.
Result<ReadingRules> rules_of(const DatabaseSource::Texts& settings) {
  for (const auto& [name, value] : settings) {
    if (name != "reading_rules") continue;
    if (value == "current") return ReadingRules::current;
    if (value == "former") return ReadingRules::former;
    return failure(ErrorCode::startup,
                   fmt::format("the database says that names are read by the rules \"{}\", which this program does not "
                               "know: use a newer one",
                               value));
  }
  return ReadingRules::current;
}

class Rebuild {
 public:
  Rebuild(DatabaseSource source, const Progress& progress) : source_(std::move(source)), progress_(progress) {
    rebuilt_.origin = source_.origin();
    rebuilt_.journal = JournalId::make();
  }

  Result<Rebuilt> run(const std::filesystem::path& data_dir, const MoreFiles& more_files) {
    auto settings = source_.settings();
    if (!settings) return std::unexpected(std::move(settings.error()));
    rebuilt_.settings = std::move(*settings);
    const auto rules = rules_of(rebuilt_.settings);
    if (!rules) return std::unexpected(rules.error());
    auto writer = FolderWriter::begin(data_dir, *rules);
    if (!writer) return std::unexpected(std::move(writer.error()));
    writer_ = std::move(*writer);
    Result<void> done = take_names();
    if (done) done = take_registry();
    if (done) done = take_readings();
    if (!done) return std::unexpected(std::move(done.error()));
    const upkeep::FormatFile format{
        .version = *rules == ReadingRules::current ? upkeep::kFormatCurrent : upkeep::kFormatFormer,
        .journal = rebuilt_.journal};
    done = writer_->finish(format, more_files(rebuilt_));
    if (!done) return std::unexpected(std::move(done.error()));
    return std::move(rebuilt_);
  }

 private:
  Result<void> take_names() {
    auto done = source_.read_series([this](const DatabaseSource::Series& series) -> Result<void> {
      ids_.push_back(series.id);
      rebuilt_.series = ids_.size();
      return writer_->add_series(series.key);
    });
    if (!done) return done;
    const auto units = source_.units();
    if (!units) return std::unexpected(units.error());
    for (const auto& [quantity, unit] : *units) {
      if (auto added = writer_->add_unit(quantity, unit); !added) return added;
    }
    return {};
  }

  Result<void> take_registry() {
    auto done = source_.read_records("sensors", [this](std::string_view id, std::string_view record) {
      ++rebuilt_.sensors;
      return writer_->add_sensor(id, record);
    });
    if (!done) return done;
    return source_.read_records("api_keys", [this](std::string_view id, std::string_view record) {
      ++rebuilt_.keys;
      return writer_->add_key(id, record);
    });
  }

  Result<void> take_readings() {
    const auto all = source_.count_readings();
    if (!all) return std::unexpected(all.error());
    rebuilt_.readings_all = *all;
    auto done = source_.read_readings(
        [this](std::int32_t series, const Sample& sample) { return take_reading(series, sample); });
    if (!done) return done;
    const auto stored = writer_->count_readings();
    if (!stored) return std::unexpected(stored.error());
    rebuilt_.repeated = rebuilt_.readings - *stored;
    rebuilt_.readings = *stored;
    return {};
  }

  Result<void> take_reading(std::int32_t number, const Sample& sample) {
    const auto series = series_of(number);
    if (!series) {
      ++rebuilt_.nameless;
      return {};
    }
    const auto taken = writer_->add_reading(*series, sample);
    if (!taken) return std::unexpected(taken.error());
    *taken ? ++rebuilt_.readings : ++rebuilt_.unusable;
    if (rebuilt_.readings % kReadingsBetweenProgress == 0) progress_(rebuilt_);
    return {};
  }

  // Readings of one series often follow each other.
  std::optional<SeriesId> series_of(std::int32_t number) {
    if (last_ && ids_[last_->value()] == number) return last_;
    const auto found = std::ranges::lower_bound(ids_, number);
    if (found == ids_.end() || *found != number) return std::nullopt;
    last_ = SeriesId(static_cast<std::uint32_t>(found - ids_.begin()));
    return last_;
  }

  DatabaseSource source_;
  const Progress& progress_;
  std::unique_ptr<FolderWriter> writer_;
  std::vector<std::int32_t> ids_;  // the database's, in order: the folder's are their places
  std::optional<SeriesId> last_;   // that was looked for
  Rebuilt rebuilt_;
};

}  // namespace

Result<Rebuilt> rebuild(postgres::Connection& connection, const std::filesystem::path& data_dir,
                        const Progress& progress, const MoreFiles& more_files) {
  auto source = DatabaseSource::open(connection);
  if (!source) return std::unexpected(std::move(source.error()));
  return Rebuild(std::move(*source), progress).run(data_dir, more_files);
}

}  // namespace temperature::rebuild
