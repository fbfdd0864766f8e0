#include "client/recording.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "client/bounds.h"
#include "client/csv_reader.h"
#include "client/decoded_source.h"
#include "client/gunzip.h"
#include "client/line_reader.h"
#include "client/reading_columns.h"
#include "ingest/json.h"

namespace temperature::client {
namespace {

// A source whose first bytes were looked at already.
class PeekedSource final : public ByteSource {
 public:
  explicit PeekedSource(ByteSource& source) : source_(source) {}

  // The first byte that is no space; 0 when there is none in the first kReadBytes.
  Result<char> peek() {
    while (peeked_.size() < kReadBytes) {
      const std::size_t had = peeked_.size();
      peeked_.resize(kReadBytes);
      const auto count = source_.read(std::span(peeked_).subspan(had));
      peeked_.resize(had + count.value_or(0));
      if (!count) return std::unexpected(count.error());
      if (*count == 0) break;
      const auto first = peeked_.find_first_not_of(" \n\r\t");
      if (first != std::string::npos) return peeked_[first];
    }
    return '\0';
  }

  Result<std::size_t> read(std::span<char> out) override {
    if (at_ == peeked_.size()) return source_.read(out);
    const std::size_t count = std::min(out.size(), peeked_.size() - at_);
    std::copy_n(peeked_.data() + at_, count, out.data());
    at_ += count;
    return count;
  }

 private:
  ByteSource& source_;
  std::string peeked_;
  std::size_t at_ = 0;
};

}  // namespace

class Recording::Rows {
 public:
  virtual ~Rows() = default;
  virtual Result<void> begin() = 0;
  [[nodiscard]] virtual std::uint64_t without_value() const { return 0; }
  [[nodiscard]] virtual std::string description() const { return {}; }
  virtual Result<bool> next() = 0;
  [[nodiscard]] virtual std::uint64_t line() const = 0;
  [[nodiscard]] virtual std::expected<OutgoingReading, std::string> reading() = 0;
};

class Recording::CsvRows final : public Rows {
 public:
  CsvRows(ByteSource& text, TextLayout layout, RepeatedHours* hours, TimeReader::Pass pass)
      : layout_(std::move(layout)), hours_(hours), pass_(pass), rows_(text, layout_.delimiter) {}

  Result<void> begin() override {
    if (layout_.skip_rows > 0) {
      if (auto skipped = rows_.skip_lines(layout_.skip_rows); !skipped) return skipped;
    }
    const auto more = rows_.next(row_);
    if (!more) return std::unexpected(more.error());
    if (!*more) return failure(ErrorCode::startup, "the file is empty; it must begin with a header");
    if (!row_.problem.empty()) {
      return failure(ErrorCode::startup, fmt::format("cannot read the header: {}", row_.problem));
    }
    auto columns = ReadingColumns::from_header(row_.fields, layout_);
    if (!columns) return std::unexpected(std::move(columns.error()));
    columns_ = std::move(*columns);
    if (hours_ != nullptr) columns_.use(TimeReader(layout_, columns_.header_offset(), hours_, pass_));
    return {};
  }

  Result<bool> next() override {
    for (;; ++without_value_) {
      if (++value_ >= values_) {
        const auto more = rows_.next(row_);
        if (!more || !*more) return more;
        value_ = 0;
        // A row that cannot be read is one refusal, whatever it should hold.
        values_ = row_.problem.empty() && columns_.fits(row_.fields) ? columns_.values() : 1;
      }
      if (!row_.problem.empty() || !columns_.lacks_value(row_.fields, value_)) return true;
    }
  }

  [[nodiscard]] std::uint64_t without_value() const override { return without_value_; }
  [[nodiscard]] std::string description() const override { return columns_.description(); }
  [[nodiscard]] std::uint64_t line() const override { return row_.line; }
  [[nodiscard]] std::expected<OutgoingReading, std::string> reading() override {
    if (!row_.problem.empty()) return std::unexpected(std::string(row_.problem));
    return columns_.read(row_.fields, value_, row_.line);
  }

 private:
  TextLayout layout_;
  RepeatedHours* hours_;
  TimeReader::Pass pass_;
  CsvReader rows_;
  CsvRow row_;
  ReadingColumns columns_;
  std::size_t values_ = 0;  // that the row should hold
  std::size_t value_ = 0;   // which of them it is
  std::uint64_t without_value_ = 0;
};

class Recording::JsonRows final : public Rows {
 public:
  explicit JsonRows(ByteSource& text) : lines_(text) {}

  Result<void> begin() override { return {}; }
  Result<bool> next() override { return lines_.next(line_); }
  [[nodiscard]] std::uint64_t line() const override { return line_.number; }

  [[nodiscard]] std::expected<OutgoingReading, std::string> reading() override {
    if (!line_.problem.empty()) return std::unexpected(std::string(line_.problem));
    body_.assign(line_.text);
    const auto parsed = parser_.parse_lines(body_, parsed_);
    if (!parsed) return std::unexpected(parsed.error().detail);
    if (!parsed_.rejected.empty()) return std::unexpected(reason_of(parsed_.rejected.front().error));
    if (parsed_.readings.empty()) return std::unexpected("it is no JSON object");
    const ingest::RawReading& read = parsed_.readings.front();
    // The service would take now for it.
    if (!read.timestamp_ms) return std::unexpected("field \"timestamp\" is missing");
    return OutgoingReading{.building = read.building,
                           .room = read.room,
                           .sensor = read.sensor,
                           .quantity = read.quantity,
                           .unit = read.unit,
                           .timestamp = timestamp_from_ms(*read.timestamp_ms),
                           .value = read.value};
  }

 private:
  static std::string reason_of(const Error& error) {
    return error.code == ErrorCode::malformed_json ? "it is no JSON object: " + error.detail : error.detail;
  }

  LineReader lines_;
  Line line_;
  std::string body_;  // the line, in which escapes are undone in place
  ingest::JsonParser parser_;
  ingest::Parsed parsed_;
};

struct Recording::Text {
  explicit Text(ByteSource& file, const TextLayout& layout)
      : inflated(file), decoded(inflated, layout.encoding), peeked(decoded) {}
  PlainOrGzip inflated;
  DecodedSource decoded;
  PeekedSource peeked;
};

Recording::Recording(ByteSource& file, TextLayout layout, RepeatedHours* hours, TimeReader::Pass pass)
    : layout_(std::move(layout)), hours_(hours), pass_(pass), text_(std::make_unique<Text>(file, layout_)) {}
Recording::~Recording() = default;

Result<void> Recording::begin() {
  const auto first = text_->peeked.peek();
  if (!first) return std::unexpected(first.error());
  const bool json = *first == '{' && layout_.columns.empty() && layout_.skip_rows == 0;
  if (json && layout_.says_csv()) {
    return failure(ErrorCode::startup, "the file is NDJSON, whose lines say all of it: only --encoding goes with it");
  }
  if (json) {
    rows_ = std::make_unique<JsonRows>(text_->peeked);
  } else {
    rows_ = std::make_unique<CsvRows>(text_->peeked, layout_, hours_, pass_);
  }
  return rows_->begin();
}

Result<bool> Recording::next() {
  return rows_->next();
}

std::uint64_t Recording::without_value() const {
  return rows_->without_value();
}

std::string Recording::description() const {
  return rows_->description();
}

std::uint64_t Recording::line() const {
  return rows_->line();
}

std::expected<OutgoingReading, std::string> Recording::reading() {
  return rows_->reading();
}

}  // namespace temperature::client
