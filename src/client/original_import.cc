#include "client/original_import.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <ostream>

#include "base/json_text.h"
#include "client/original_table.h"
#include "client/printable.h"

namespace temperature::client {
namespace {

// Rows between two marks of where to go on.
constexpr std::uint64_t kRowsBetweenMarks = 1'000;
// Marks that are kept: more rows than can be on their way, whatever --batch and --connections say.
constexpr std::size_t kMarksKept = 10'000;

// From which time on rows have not been sent, or not been answered.
class Marks {
 public:
  void note(std::uint64_t row, Timestamp time) {
    if (row % kRowsBetweenMarks != 1) return;
    if (marks_.size() == kMarksKept) marks_.pop_front();
    marks_.push_back({row, time});
  }
  // nullopt: from the beginning.
  [[nodiscard]] std::optional<Timestamp> before(std::uint64_t row) const {
    std::optional<Timestamp> found;
    for (const Mark& mark : marks_) {
      if (mark.row <= row) found = mark.time;
    }
    return found;
  }

 private:
  struct Mark {
    std::uint64_t row = 0;
    Timestamp time;
  };
  std::deque<Mark> marks_;
};

// How far it is between the ends of what is read.
std::optional<double> share_of(const OriginalImportOptions& options, const OriginalTable::Span& span, Timestamp at) {
  const Timestamp first = std::max(options.from.value_or(kTimestampMin), span.earliest);
  const Timestamp last = std::min(options.to.value_or(kTimestampMax), span.latest);
  if (first == kTimestampMin || last == kTimestampMax || last <= first) return std::nullopt;
  return static_cast<double>((at - first).count()) / static_cast<double>((last - first).count());
}

class OriginalImport {
 public:
  OriginalImport(OriginalTable& table, const OriginalImportOptions& options, const Surroundings& surroundings)
      : table_(table), options_(options), surroundings_(surroundings) {}

  // Returns how many readings were not stored.
  Result<std::uint64_t> run() {
    const auto span = table_.span();
    if (!span) return std::unexpected(span.error());
    auto run = Run::begin(options_.destination, "row", surroundings_);
    if (!run) return std::unexpected(std::move(run.error()));
    if (*span) (*run)->measure_by([this, ends = **span] { return share_of(options_, ends, time_); });
    bool wanted = true;
    const auto read = table_.read(options_.from, options_.to, [&](const OriginalTable::Row& row) {
      wanted = take(**run, row);
      return wanted;
    });
    if (surroundings_.json) {
      std::string members = R"("table":)";
      append_json_string(members, printable(table_.name()));
      (*run)->put_before_summary(members + fmt::format(R"(,"rows":{},)", rows_));
    } else {
      surroundings_.out << fmt::format("{}: {} rows\n", table_.name(), rows_);
    }
    const auto finished = (*run)->finish();
    if (!finished) return go_on((*run)->first_missing().value_or(1), finished.error().detail);
    if (!read) return go_on(rows_, read.error().detail);
    if (!wanted) return go_on(rows_, "interrupted");
    return (*run)->not_stored();
  }

 private:
  bool take(Run& run, const OriginalTable::Row& row) {
    ++rows_;
    if (row.time && *row.time != kTimestampMax && *row.time != kTimestampMin) {
      time_ = *row.time;
      marks_.note(rows_, time_);
    }
    auto reading = OriginalTable::reading_of(row);
    if (reading) return run.add(*reading, rows_);
    run.reject(rows_, std::move(reading.error()));
    return !surroundings_.pause.interrupted();
  }

  [[nodiscard]] std::unexpected<Error> go_on(std::uint64_t row, std::string_view why) const {
    const auto from = marks_.before(row);
    return failure(ErrorCode::startup, from ? fmt::format("{}; go on with --from {}", why, format_timestamp(*from))
                                            : fmt::format("{}; repeating is safe", why));
  }

  OriginalTable& table_;
  const OriginalImportOptions& options_;
  const Surroundings& surroundings_;
  std::uint64_t rows_ = 0;
  Timestamp time_{};  // of the row before
  Marks marks_;
};

}  // namespace

int import_from_original(const postgres::Url& url, const OriginalImportOptions& options,
                         const Surroundings& surroundings) {
  auto connection = postgres::Connection::open(
      url, {.stop_asked = [&surroundings] { return surroundings.pause.interrupted(); }, .purpose = "import"});
  if (!connection) {
    return report(surroundings,
                  postgres::as_error(fmt::format("cannot connect to {}", url.shown()), connection.error()));
  }
  auto table = OriginalTable::find(**connection, options.table);
  if (!table) return report(surroundings, table.error());
  const auto not_stored = OriginalImport(*table, options, surroundings).run();
  if (!not_stored) return report(surroundings, not_stored.error());
  return report_not_stored(surroundings, table->name(), *not_stored);
}

}  // namespace temperature::client
