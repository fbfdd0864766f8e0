#include "journal/record.h"

#include <fmt/format.h>
#include <libdeflate.h>

#include <utility>

#include "base/bytes.h"
#include "base/time.h"
#include "catalogue/definition_codec.h"
#include "model/batch_limits.h"
#include "model/name_limits.h"

namespace temperature::journal {
namespace {

constexpr std::size_t kRecordHeaderBytes = 8;

// What records of the newer kinds say of whoever wrote them.
constexpr std::string_view kWriter = "temperature-service " TEMPERATURE_VERSION;
constexpr std::size_t kWriterBytesMax = 128;

constexpr std::uint8_t kMarkVersion = 1;
constexpr std::uint8_t kMayBePassedOver = 1;  // of the bits that stand in front of a newer kind

enum DeletionBits : std::uint8_t { kOfSensor = 1, kOfQuantity = 2, kPurges = 4 };

// The position is part of what is summed: a record that stands in another's place is damage.
std::uint32_t checksum(Position position, std::string_view record) {
  const std::uint64_t place = position.value();
  const std::uint32_t seed = libdeflate_crc32(0, &place, sizeof place);
  return libdeflate_crc32(seed, record.data(), record.size());
}

std::unexpected<Error> damaged(Position position, std::string_view what) {
  return failure(ErrorCode::journal_damaged, fmt::format("the journal's record {} {}", position.value(), what));
}

void encode_start(ByteWriter& out, RecordKind kind, Timestamp received, std::string_view sender) {
  out.fixed(static_cast<std::uint8_t>(kind));
  out.fixed(to_ms(received));
  out.text(sender);
}

void append_columns(std::string& bytes, const ReadingColumns& readings) {
  ByteWriter out(bytes);
  out.varint(readings.size());
  std::int64_t series = 0;
  for (const SeriesId id : readings.series) {
    out.zigzag(std::int64_t{id.value()} - series);
    series = id.value();
  }
  std::uint64_t ms = 0;
  for (const Timestamp timestamp : readings.timestamps) {
    const auto now = static_cast<std::uint64_t>(to_ms(timestamp));
    out.zigzag(static_cast<std::int64_t>(now - ms));
    ms = now;
  }
  bytes.append(reinterpret_cast<const char*>(readings.values.data()), readings.size() * sizeof(double));
}

bool decode_readings(ByteReader& in, ReadingColumns& readings) {
  readings.clear();
  const std::uint64_t count = in.varint();
  if (!in.ok() || count > limits::kReadingsPerBatchMax || count * 10 > in.left()) return false;
  readings.resize(count);
  std::uint64_t series = 0;  // unsigned: deltas of damaged bytes wrap around
  for (SeriesId& id : readings.series) {
    series += static_cast<std::uint64_t>(in.zigzag());
    if (series > UINT32_MAX) return false;
    id = SeriesId(static_cast<std::uint32_t>(series));
  }
  std::uint64_t ms = 0;  // unsigned: deltas wrap around
  for (Timestamp& timestamp : readings.timestamps) {
    ms += static_cast<std::uint64_t>(in.zigzag());
    timestamp = timestamp_from_ms(static_cast<std::int64_t>(ms));
  }
  const std::string_view values = in.bytes(count * sizeof(double));
  if (!in.ok()) return false;
  if (count > 0) std::memcpy(readings.values.data(), values.data(), values.size());
  return true;
}

// What stands in front of the newer kinds.
struct NewerKind {
  std::uint8_t version = 0;
  std::uint8_t bits = 0;
  std::string_view writer;
};

void encode_newer_kind(ByteWriter& out, std::uint8_t version, std::uint8_t bits = 0) {
  out.fixed(version);
  out.fixed(bits);
  out.text(kWriter);
}

NewerKind decode_newer_kind(ByteReader& in) {
  NewerKind kind;
  kind.version = in.fixed<std::uint8_t>();
  kind.bits = in.fixed<std::uint8_t>();
  kind.writer = in.text(kWriterBytesMax);
  return kind;
}

bool decode_deletion(ByteReader& in, Deletion& deletion) {
  deletion.scope.building = in.text(limits::kNameBytesMax);
  deletion.scope.room = in.text(limits::kNameBytesMax);
  const auto bits = in.fixed<std::uint8_t>();
  deletion.scope.sensor.reset();
  deletion.scope.quantity.reset();
  if ((bits & kOfSensor) != 0) deletion.scope.sensor = in.text(limits::kSensorNameBytesMax);
  if ((bits & kOfQuantity) != 0) deletion.scope.quantity = in.text(limits::kNameBytesMax);
  deletion.purge = (bits & kPurges) != 0;
  deletion.from = timestamp_from_ms(in.fixed<std::int64_t>());
  deletion.to = timestamp_from_ms(in.fixed<std::int64_t>());
  deletion.reason = in.text(limits::kReasonBytesMax);
  return in.ok() && (bits & ~(kOfSensor | kOfQuantity | kPurges)) == 0 && deletion.from < deletion.to;
}

bool decode_correction(ByteReader& in, std::string& reason, ReadingColumns& readings) {
  reason = in.text(limits::kReasonBytesMax);
  return in.ok() && decode_readings(in, readings);
}

bool decode_definitions(ByteReader& in, std::vector<catalogue::Definition>& definitions) {
  definitions.clear();
  const std::uint64_t count = in.varint();
  if (!in.ok() || count > in.left()) return false;
  for (std::uint64_t i = 0; i < count; ++i) {  // grows as it reads: the count may be damaged
    if (!catalogue::decode_definition(in, definitions.emplace_back())) return false;
  }
  return true;
}

}  // namespace

std::string encode_readings(const Accepted& batch) {
  std::string record;
  encode_readings(batch, record);
  return record;
}

void encode_readings(const Accepted& batch, std::string& bytes) {
  bytes.clear();
  bytes.reserve(32 + batch.origin().sender.size() + batch.readings().size() * 13);
  ByteWriter out(bytes);
  encode_start(out, RecordKind::readings, batch.origin().received, batch.origin().sender);
  append_columns(bytes, batch.readings());
}

void encode_correction(const Accepted& batch, std::string_view reason, std::string& bytes) {
  bytes.clear();
  ByteWriter out(bytes);
  encode_start(out, RecordKind::correction, batch.origin().received, batch.origin().sender);
  encode_newer_kind(out, kCorrectionVersion);
  out.text(reason);
  append_columns(bytes, batch.readings());
}

std::string encode_definitions(Timestamp received, std::span<const catalogue::Definition> definitions) {
  std::string bytes;
  ByteWriter out(bytes);
  encode_start(out, RecordKind::definitions, received, {});
  out.varint(definitions.size());
  for (const catalogue::Definition& definition : definitions) catalogue::encode_definition(out, definition);
  return bytes;
}

std::string encode_deletion(const Deletion& deletion) {
  std::string bytes;
  ByteWriter out(bytes);
  encode_start(out, RecordKind::deletion, deletion.origin.received, deletion.origin.sender);
  encode_newer_kind(out, kDeletionVersion);
  const Scope& scope = deletion.scope;
  out.text(scope.building);
  out.text(scope.room);
  out.fixed(static_cast<std::uint8_t>((scope.sensor ? kOfSensor : 0) | (scope.quantity ? kOfQuantity : 0) |
                                      (deletion.purge ? kPurges : 0)));
  if (scope.sensor) out.text(*scope.sensor);
  if (scope.quantity) out.text(*scope.quantity);
  out.fixed(to_ms(deletion.from));
  out.fixed(to_ms(deletion.to));
  out.text(deletion.reason);
  return bytes;
}

std::string encode_mark(Timestamp received) {
  std::string bytes;
  ByteWriter out(bytes);
  encode_start(out, RecordKind::mark, received, {});
  encode_newer_kind(out, kMarkVersion, kMayBePassedOver);
  return bytes;
}

std::string encode_group_header(Position first, std::uint32_t records) {
  std::string bytes;
  ByteWriter out(bytes);
  out.fixed(kGroupVersion);
  out.fixed(first.value());
  out.fixed(records);
  return bytes;
}

std::string encode_record_header(Position position, std::string_view record) {
  std::string bytes;
  ByteWriter out(bytes);
  out.fixed(static_cast<std::uint32_t>(record.size()));
  out.fixed(checksum(position, record));
  return bytes;
}

Result<GroupReader> GroupReader::open(std::string_view bytes) {
  ByteReader in(bytes);
  const auto version = in.fixed<std::uint8_t>();
  const Position first(in.fixed<std::uint64_t>());
  const auto records = in.fixed<std::uint32_t>();
  if (in.ok() && version != kGroupVersion) {
    return failure(
        ErrorCode::journal_damaged,
        fmt::format("the journal holds a group of version {}; this program reads version {}", version, kGroupVersion));
  }
  if (!in.ok() || records == 0 || records > in.left() / kRecordHeaderBytes || first.value() == 0 ||
      first.value() + records < first.value()) {
    return damaged(first, "begins a group whose header is damaged");
  }
  return GroupReader(in.rest(), first, records);
}

Result<void> GroupReader::next(Record& record) {
  record.position = Position(first_.value() + read_);
  ByteReader group(rest_);
  const auto size = group.fixed<std::uint32_t>();
  const auto sum = group.fixed<std::uint32_t>();
  const std::string_view bytes = group.bytes(size);
  if (!group.ok()) return damaged(record.position, "is cut short");
  if (checksum(record.position, bytes) != sum) return damaged(record.position, "has a wrong checksum");
  rest_ = group.rest();
  ++read_;

  ByteReader in(bytes);
  const auto kind = in.fixed<std::uint8_t>();
  record.origin.received = timestamp_from_ms(in.fixed<std::int64_t>());
  record.origin.sender = in.text(limits::kSenderBytesMax);
  record.kind = static_cast<RecordKind>(kind);
  record.readings.clear();
  record.definitions.clear();
  bool decoded = false;
  switch (record.kind) {
    case RecordKind::readings:
      decoded = decode_readings(in, record.readings);
      break;
    case RecordKind::definitions:
      decoded = decode_definitions(in, record.definitions);
      break;
    default:
      return next_newer_kind(record, kind, in);
  }
  return check_end(record, decoded, in);
}

Result<void> GroupReader::next_newer_kind(Record& record, std::uint8_t kind, ByteReader& in) const {
  const NewerKind newer = decode_newer_kind(in);
  if (kind == std::to_underlying(RecordKind::passed_over) || !in.ok()) {
    return damaged(record.position, fmt::format("is of kind {}, which this program does not know", kind));
  }
  if (record.kind == RecordKind::deletion && newer.version == kDeletionVersion) {
    record.deletion.origin = record.origin;
    return check_end(record, decode_deletion(in, record.deletion), in);
  }
  if (record.kind == RecordKind::correction && newer.version == kCorrectionVersion) {
    return check_end(record, decode_correction(in, record.reason, record.readings), in);
  }
  if ((newer.bits & kMayBePassedOver) == 0) {
    return damaged(record.position,
                   fmt::format("is of kind {}, version {}, which this program does not know; {} wrote it: use that "
                               "version or a newer one",
                               kind, newer.version, newer.writer));
  }
  record.kind = RecordKind::passed_over;
  static_cast<void>(in.bytes(in.left()));
  return check_end(record, true, in);
}

Result<void> GroupReader::check_end(const Record& record, bool decoded, const ByteReader& in) const {
  if (!decoded || !in.ok() || in.left() != 0) return damaged(record.position, "cannot be decoded");
  if (done() && !rest_.empty()) return damaged(record.position, "is followed by bytes that belong to no record");
  return {};
}

}  // namespace temperature::journal
