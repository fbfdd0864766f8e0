#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "catalogue/definition.h"
#include "model/deletion.h"
#include "model/ids.h"
#include "model/stages.h"

namespace temperature {
class ByteReader;
}

// The journal's bytes: docs/formats/journal.md. A group is what one commit writes; it holds records,
// one for each position. Decoding is total: any bytes give a result, never a crash.
namespace temperature::journal {

inline constexpr std::uint8_t kGroupVersion = 1;

// Records of the kinds from `deletion` on say in which version they are, whether they may be passed over, and what
// wrote them, so that a program that does not know one can tell.
enum class RecordKind : std::uint8_t {
  passed_over = 0,  // in memory alone: one that is not known, and may be passed over
  readings = 1,
  definitions = 2,
  deletion = 3,
  correction = 4,
  mark = 5,  // says nothing, and may be passed over
};

[[nodiscard]] constexpr bool has_readings(RecordKind kind) {
  return kind == RecordKind::readings || kind == RecordKind::correction;
}

inline constexpr std::uint8_t kDeletionVersion = 1;
inline constexpr std::uint8_t kCorrectionVersion = 1;

// A record in the making: everything but its position.
std::string encode_readings(const Accepted& batch);
void encode_readings(const Accepted& batch, std::string& record);  // in place of what it held
std::string encode_definitions(Timestamp received, std::span<const catalogue::Definition> definitions);
std::string encode_deletion(const Deletion& deletion);
void encode_correction(const Accepted& batch, std::string_view reason, std::string& record);  // as above
// A record that says nothing: what stands before it can be let go, and it stays.
std::string encode_mark(Timestamp received);

// What stands before a group's records, and before each of them.
std::string encode_group_header(Position first, std::uint32_t records);
std::string encode_record_header(Position position, std::string_view record);

struct Record {
  Position position;
  RecordKind kind = RecordKind::readings;
  Origin origin;
  ReadingColumns readings;  // of a correction, too; places are not set: only the catalogue knows them
  std::vector<catalogue::Definition> definitions;
  Deletion deletion;   // its origin is set, too
  std::string reason;  // of a correction
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
  Result<void> next_newer_kind(Record& record, std::uint8_t kind, ByteReader& in) const;
  [[nodiscard]] Result<void> check_end(const Record& record, bool decoded, const ByteReader& in) const;

  std::string_view rest_;
  Position first_;
  std::uint32_t records_;
  std::uint32_t read_ = 0;
};

}  // namespace temperature::journal
