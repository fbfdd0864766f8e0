#include <cstdint>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/reject_limits.h"
#include "ingest/csv.h"
#include "ingest/csv_rows.h"

// CSV: rows against a plain reading of RFC 4180 where the quotes are in order, and every row of a body in readings or
// counted as rejected, whatever the bytes are.
namespace temperature::ingest {
namespace {

using Row = std::vector<std::string>;

// False when a quote does not end, or something follows it.
bool read_plainly(const std::string& text, std::vector<Row>& rows) {
  std::size_t i = 0;
  const auto at_end = [&] {
    return i == text.size() || text[i] == '\n' || (text[i] == '\r' && (i + 1 == text.size() || text[i + 1] == '\n'));
  };
  while (i < text.size()) {
    if (at_end()) {
      ++i;
      continue;
    }
    Row row;
    while (true) {
      std::string field;
      if (i < text.size() && text[i] == '"') {
        for (++i;; ++i) {
          if (i == text.size()) return false;
          if (text[i] != '"') {
            field += text[i];
          } else if (i + 1 < text.size() && text[i + 1] == '"') {
            field += text[i++];
          } else {
            break;
          }
        }
        ++i;
        if (!at_end() && text[i] != ',') return false;
      } else {
        while (!at_end() && text[i] != ',') field += text[i++];
      }
      row.push_back(field);
      if (at_end()) break;
      ++i;
    }
    rows.push_back(row);
  }
  return true;
}

void compare_rows(std::string text) {
  std::vector<Row> wanted;
  if (!read_plainly(text, wanted)) return;
  CsvRows rows(text);
  for (const Row& want : wanted) {
    CHECK(rows.next() == CsvRows::Found::row);
    CHECK(Row(rows.fields().begin(), rows.fields().end()) == want);
  }
  CHECK(rows.next() == CsvRows::Found::end);
}

void read_readings(std::string body) {
  Parsed parsed;
  std::string rows_of = body;
  if (!parse_csv(body, parsed)) {
    CHECK(parsed.readings.empty() && parsed.rejected_count == 0);
    return;
  }
  if (rows_of.starts_with("\xef\xbb\xbf")) rows_of.erase(0, 3);
  CsvRows rows(rows_of);
  std::uint64_t count = 0;
  while (rows.next() != CsvRows::Found::end) ++count;
  CHECK(parsed.readings.size() + parsed.rejected_count + 1 == count);
  for (const RawReading& reading : parsed.readings) {
    CHECK(!reading.room.empty() && !reading.sensor.empty() && reading.index + 1 < count);
  }
  for (const Rejected& rejected : parsed.rejected) {
    CHECK(!rejected.error.detail.empty() && rejected.text.size() <= limits::kRejectTextBytesMax);
  }
}

}  // namespace
}  // namespace temperature::ingest

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t count) {
  const std::string text(reinterpret_cast<const char*>(bytes), count);
  temperature::ingest::compare_rows(text);
  temperature::ingest::read_readings(text);
  return 0;
}
