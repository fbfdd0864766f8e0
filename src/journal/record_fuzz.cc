#include <cstring>
#include <string_view>

#include "base/check.h"
#include "journal/record.h"

// Any bytes read as a group: nothing but a result. A group that can be read says the same when it is
// written again. (Fuzzed bytes rarely have right checksums: a first byte that is odd asks for them.)
namespace temperature::journal {
namespace {

constexpr std::size_t kGroupHeaderBytes = 1 + 8 + 4;
constexpr std::size_t kRecordHeaderBytes = 4 + 4;

// Gives each record the checksum that its bytes have, as far as its lengths can be followed.
std::string with_checksums(std::string bytes) {
  if (bytes.size() < kGroupHeaderBytes) return bytes;
  std::uint64_t position = 0;
  std::memcpy(&position, bytes.data() + 1, sizeof position);
  for (std::size_t at = kGroupHeaderBytes; at + kRecordHeaderBytes <= bytes.size(); ++position) {
    std::uint32_t size = 0;
    std::memcpy(&size, bytes.data() + at, sizeof size);
    if (size > bytes.size() - at - kRecordHeaderBytes) break;
    const std::string_view record = std::string_view(bytes).substr(at + kRecordHeaderBytes, size);
    bytes.replace(at, kRecordHeaderBytes, encode_record_header(Position(position), record));
    at += kRecordHeaderBytes + size;
  }
  return bytes;
}

// What a record says when it is written again, alone, with these bytes.
Record written_again(const Record& record, const std::string& bytes) {
  const std::string alone =
      encode_group_header(record.position, 1) + encode_record_header(record.position, bytes) + bytes;
  auto reader = GroupReader::open(alone);
  Record again;
  CHECK(reader && reader->next(again) && again.kind == record.kind && again.position == record.position);
  return again;
}

void check_deletion(const Record& record) {
  const Deletion& read = record.deletion;
  CHECK(read.from < read.to && read.reason.size() <= limits::kReasonBytesMax);
  CHECK(read.origin.received == record.origin.received && read.origin.sender == record.origin.sender);
  const Record again = written_again(record, encode_deletion(read));
  const Deletion& said = again.deletion;
  CHECK(said.scope == read.scope && said.from == read.from && said.to == read.to && said.reason == read.reason);
  CHECK(said.purge == read.purge && said.origin.received == read.origin.received);
  CHECK(said.origin.sender == read.origin.sender && again.readings.series.empty() && again.definitions.empty());
}

void check(std::string_view bytes) {
  auto group = GroupReader::open(bytes);
  if (!group) {
    CHECK(group.error().code == ErrorCode::journal_damaged && !group.error().detail.empty());
    return;
  }
  Record record;
  for (std::uint32_t i = 0; !group->done(); ++i) {
    if (auto read = group->next(record); !read) {
      CHECK(read.error().code == ErrorCode::journal_damaged && !read.error().detail.empty());
      return;
    }
    CHECK(record.position.value() == group->first().value() + i);
    CHECK(record.readings.size() == record.readings.values.size());
    if (record.kind == RecordKind::definitions) {
      const Record again = written_again(record, encode_definitions(record.origin.received, record.definitions));
      CHECK(again.definitions == record.definitions);
    } else if (record.kind == RecordKind::deletion) {
      check_deletion(record);
    }
  }
}

}  // namespace
}  // namespace temperature::journal

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(bytes) + 1, size - 1);
  temperature::journal::check(bytes[0] % 2 == 0 ? std::string(rest)
                                                : temperature::journal::with_checksums(std::string(rest)));
  return 0;
}
