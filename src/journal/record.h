#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "catalogue/definition.h"
#include "model/ids.h"
#include "model/stages.h"

// The journal's bytes: docs/formats/journal.md. A group is what one commit writes; it holds records,
// one for each position. Decoding is total: any bytes give a result, never a crash.
namespace temperature::journal {

inline constexpr std::uint8_t kGroupVersion = 1;

enum class RecordKind : std::uint8_t {
  readings = 1,
  definitions = 2,
  deletion = 3,    // reserved
  correction = 4,  // reserved
};

// A record in the making: everything but its position.
std::string encode_readings(const Accepted& batch);
void encode_readings(const Accepted& batch, std::string& record);  // in place of what it held
std::string encode_definitions(Timestamp received, std::span<const catalogue::Definition> definitions);

// What stands before a group's records, and before each of them.
std::string encode_group_header(Position first, std::uint32_t records);
std::string encode_record_header(Position position, std::string_view record);

struct Record {
  Position position;
  RecordKind kind = RecordKind::readings;
  Origin origin;
  ReadingColumns readings;  // places are not set: only the catalogue knows them
  std::vector<catalogue::Definition> definitions;
};

// Reads a group record by record. The bytes must outlive it.
class GroupReader {
 public:
  // Error journal_damaged: too short, or of another version.
  static Result<GroupReader> open(std::string_view bytes);

  [[nodiscard]] Position first() const { return first_; }
  [[nodiscard]] std::uint32_t records() const { return records_; }
  [[nodiscard]] bool done() const { return read_ == records_; }

  // The next record. Error journal_damaged: names the position and what is wrong with it.
  Result<void> next(Record& record);

 private:
  GroupReader(std::string_view rest, Position first, std::uint32_t records)
      : rest_(rest), first_(first), records_(records) {}

  std::string_view rest_;
  Position first_;
  std::uint32_t records_;
  std::uint32_t read_ = 0;
};

}  // namespace temperature::journal
