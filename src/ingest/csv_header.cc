#include "ingest/csv_header.h"

#include <algorithm>
#include <string>

#include "base/utf8.h"
#include "ingest/blanks.h"
#include "model/name_limits.h"

namespace temperature::ingest {
namespace {

std::string in_quotes(std::string_view text) {
  return "\"" + std::string(utf8_prefix(text, limits::kNameBytesMax)) + "\"";
}

}  // namespace

std::unexpected<Error> CsvHeader::bad(const std::string& what) {
  return failure(ErrorCode::malformed_body,
                 "the first row of CSV must be a header such as timestamp,room,sensor,value: it " + what);
}

Result<CsvHeader> CsvHeader::read(const std::vector<std::string_view>& names, UnknownFields unknown_fields) {
  CsvHeader header;
  header.columns_ = names.size();
  std::vector<std::string_view> unknown;
  for (std::size_t place = 0; place < names.size(); ++place) {
    const std::string_view name = without_blanks(names[place]);
    const NamedField named = field_named(name);
    if (named.spelling == Spelling::unknown) {
      unknown.push_back(name);
      continue;
    }
    const auto twice = [&](const Column& column) { return column.name == name; };
    if (std::ranges::any_of(header.others_, twice)) return bad("names the column " + in_quotes(name) + " twice");
    header.others_.push_back({named, place, name});
  }
  std::ranges::stable_sort(header.others_, {}, [](const Column& column) { return column.named.spelling; });
  std::vector<Column> beside;
  for (const Column& column : header.others_) {
    const auto field = static_cast<std::size_t>(column.named.field);
    if (header.first_[field] || column.named.spelling >= Spelling::kind) {
      beside.push_back(column);
      continue;
    }
    header.first_[field] = column.place;
    header.its_first_[field] = column;
  }
  header.others_ = std::move(beside);
  if (auto checked = header.check(unknown_fields, unknown); !checked)
    return std::unexpected(std::move(checked.error()));
  return header;
}

Result<void> CsvHeader::check(UnknownFields unknown_fields, const std::vector<std::string_view>& unknown) const {
  for (const Field required : {Field::room, Field::sensor, Field::value}) {
    if (!has(required)) return bad("has no column " + in_quotes(name_of(required)));
  }
  for (const Column& column : others_) {
    if (column.named.spelling != Spelling::untaken || has(column.named.field)) continue;
    return bad("has the column " + in_quotes(column.name) + ", which is not taken as the " +
               std::string(name_of(column.named.field)) + ", for its meaning is not sure: name it " +
               in_quotes(name_of(column.named.field)));
  }
  if (unknown_fields == UnknownFields::refuse && !unknown.empty()) {
    return bad("has the column " + in_quotes(unknown.front()) + ", which is not known");
  }
  return {};
}

}  // namespace temperature::ingest
