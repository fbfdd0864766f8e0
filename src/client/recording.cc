#include "client/recording.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "client/bounds.h"
#include "client/csv_reader.h"
#include "client/gunzip.h"
#include "client/line_reader.h"
#include "client/problem.h"
#include "client/reading_columns.h"

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
  virtual Result<bool> next() = 0;
  [[nodiscard]] virtual std::uint64_t line() const = 0;
  [[nodiscard]] virtual std::expected<OutgoingReading, std::string> reading() = 0;
};

class Recording::CsvRows final : public Rows {
 public:
  explicit CsvRows(ByteSource& text) : rows_(text) {}

  Result<void> begin() override {
    const auto more = rows_.next(row_);
    if (!more) return std::unexpected(more.error());
    if (!*more) return failure(ErrorCode::startup, "the file is empty; it must begin with a header");
    if (!row_.problem.empty()) {
      return failure(ErrorCode::startup, fmt::format("cannot read the header: {}", row_.problem));
    }
    auto columns = ReadingColumns::from_header(row_.fields);
    if (!columns) return std::unexpected(std::move(columns.error()));
    columns_ = *columns;
    return {};
  }
  Result<bool> next() override { return rows_.next(row_); }
  [[nodiscard]] std::uint64_t line() const override { return row_.line; }
  [[nodiscard]] std::expected<OutgoingReading, std::string> reading() override {
    if (!row_.problem.empty()) return std::unexpected(std::string(row_.problem));
    return columns_.read(row_.fields);
  }

 private:
  CsvReader rows_;
  CsvRow row_;
  ReadingColumns columns_;
};

class Recording::JsonRows final : public Rows {
 public:
  explicit JsonRows(ByteSource& text) : lines_(text) {}

  Result<void> begin() override { return {}; }
  Result<bool> next() override { return lines_.next(line_); }
  [[nodiscard]] std::uint64_t line() const override { return line_.number; }

  [[nodiscard]] std::expected<OutgoingReading, std::string> reading() override {
    if (!line_.problem.empty()) return std::unexpected(std::string(line_.problem));
    simdjson::dom::element object;
    if (parser_.parse(line_.text.data(), line_.text.size()).get(object) != simdjson::SUCCESS || !object.is_object()) {
      return std::unexpected("it is no JSON object");
    }
    OutgoingReading reading;
    struct Field {
      std::string_view name;
      std::string_view* text;
      bool needed;
    };
    for (const auto& [name, text, needed] :
         {Field{"room", &reading.room, true}, Field{"sensor", &reading.sensor, true},
          Field{"building", &reading.building, false}, Field{"quantity", &reading.quantity, false},
          Field{"unit", &reading.unit, false}}) {
      const auto field = object[name];
      if (field.error() == simdjson::NO_SUCH_FIELD || field.is_null()) {
        if (needed) return std::unexpected(fmt::format("{} is missing", name));
      } else if (field.get_string().get(*text) != simdjson::SUCCESS) {
        return std::unexpected(fmt::format("{} is no string", name));
      }
    }
    const auto timestamp = moment_of(object["timestamp"]);
    if (!timestamp) return std::unexpected("the timestamp is neither RFC 3339 nor epoch milliseconds");
    reading.timestamp = *timestamp;
    const auto value = value_at(object, line_.text);
    if (!value || !std::isfinite(*value)) return std::unexpected("the value is no finite number");
    reading.value = *value;
    return reading;
  }

 private:
  static std::optional<Timestamp> moment_of(simdjson::simdjson_result<simdjson::dom::element> field) {
    std::int64_t ms = 0;
    if (field.get_int64().get(ms) == simdjson::SUCCESS) return timestamp_from_ms(ms);
    std::string_view text;
    if (field.get_string().get(text) == simdjson::SUCCESS) return parse_timestamp(text);
    return std::nullopt;
  }

  LineReader lines_;
  Line line_;
  simdjson::dom::parser parser_;
};

struct Recording::Text {
  explicit Text(ByteSource& file) : inflated(file), peeked(inflated) {}
  PlainOrGzip inflated;
  PeekedSource peeked;
};

Recording::Recording(ByteSource& file) : text_(std::make_unique<Text>(file)) {}
Recording::~Recording() = default;

Result<void> Recording::begin() {
  const auto first = text_->peeked.peek();
  if (!first) return std::unexpected(first.error());
  if (*first == '{') {
    rows_ = std::make_unique<JsonRows>(text_->peeked);
  } else {
    rows_ = std::make_unique<CsvRows>(text_->peeked);
  }
  return rows_->begin();
}

Result<bool> Recording::next() {
  return rows_->next();
}

std::uint64_t Recording::line() const {
  return rows_->line();
}

std::expected<OutgoingReading, std::string> Recording::reading() {
  return rows_->reading();
}

}  // namespace temperature::client
