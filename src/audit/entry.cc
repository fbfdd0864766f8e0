#include "audit/entry.h"

#include <openssl/sha.h>

#include <algorithm>

#include "base/bytes.h"
#include "model/deletion.h"
#include "model/name_limits.h"

namespace temperature::audit {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kJournalIdBytes = 36;
constexpr std::string_view kHexDigits = "0123456789abcdef";

enum Bits : std::uint8_t {
  kBuilding = 1,
  kRoom = 2,
  kSensor = 4,
  kQuantity = 8,
  kPurge = 16,
  kCounted = 32,
  kAll = 63
};

std::uint8_t bits_of(const Entry& entry) {
  return static_cast<std::uint8_t>((entry.building ? kBuilding : 0) | (entry.room ? kRoom : 0) |
                                   (entry.sensor ? kSensor : 0) | (entry.quantity ? kQuantity : 0) |
                                   (entry.purge ? kPurge : 0) | (entry.count ? kCounted : 0));
}

void append_hash(std::string& bytes, const Hash& hash) {
  bytes.append(hash.data(), hash.size());
}

Hash read_hash(ByteReader& in) {
  Hash hash{};
  const std::string_view bytes = in.bytes(hash.size());
  std::ranges::copy(bytes, hash.begin());
  return hash;
}

}  // namespace

std::string_view action_of(Kind kind) {
  switch (kind) {
    case Kind::deletion:
      return "delete";
    case Kind::replacement:
      return "replace";
  }
  return {};
}

std::optional<Kind> kind_of(std::string_view action) {
  for (const Kind kind : {Kind::deletion, Kind::replacement}) {
    if (action == action_of(kind)) return kind;
  }
  return std::nullopt;
}

std::string hashed_bytes(const Link& link) {
  const Entry& entry = link.entry;
  std::string bytes;
  append_hash(bytes, link.previous);
  ByteWriter out(bytes);
  out.fixed(kVersion);
  out.fixed(link.number);
  out.fixed(static_cast<std::uint8_t>(entry.kind));
  out.fixed(bits_of(entry));
  out.fixed(entry.position.value());
  out.text(entry.journal.none() ? std::string() : entry.journal.text());
  out.fixed(to_ms(entry.received));
  out.fixed(to_ms(entry.from));
  out.fixed(to_ms(entry.to));
  if (entry.count) out.fixed(*entry.count);
  out.text(entry.who);
  for (const auto* name : {&entry.building, &entry.room, &entry.sensor, &entry.quantity}) {
    if (*name) out.text(**name);
  }
  out.text(entry.reason);
  return bytes;
}

Hash hash_of(std::string_view bytes) {
  Hash hash{};
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
         reinterpret_cast<unsigned char*>(hash.data()));
  return hash;
}

Link append(Head& head, Entry entry) {
  Link link{.number = head.count + 1, .previous = head.hash, .entry = std::move(entry)};
  link.hash = hash_of(hashed_bytes(link));
  head = {link.number, link.entry.position, link.hash};
  return link;
}

std::string encode(const Link& link) {
  std::string bytes = hashed_bytes(link);
  append_hash(bytes, link.hash);
  return bytes;
}

std::optional<Link> decode(std::string_view bytes) {
  ByteReader in(bytes);
  Link link;
  Entry& entry = link.entry;
  link.previous = read_hash(in);
  const auto version = in.fixed<std::uint8_t>();
  link.number = in.fixed<std::uint64_t>();
  entry.kind = static_cast<Kind>(in.fixed<std::uint8_t>());
  const auto bits = in.fixed<std::uint8_t>();
  entry.position = Position(in.fixed<std::uint64_t>());
  const std::string_view journal = in.text(kJournalIdBytes);
  entry.received = timestamp_from_ms(in.fixed<std::int64_t>());
  entry.from = timestamp_from_ms(in.fixed<std::int64_t>());
  entry.to = timestamp_from_ms(in.fixed<std::int64_t>());
  if ((bits & kCounted) != 0) entry.count = in.fixed<std::uint64_t>();
  entry.who = in.text(limits::kSenderBytesMax);
  if ((bits & kBuilding) != 0) entry.building = in.text(limits::kNameBytesMax);
  if ((bits & kRoom) != 0) entry.room = in.text(limits::kNameBytesMax);
  if ((bits & kSensor) != 0) entry.sensor = in.text(limits::kSensorNameBytesMax);
  if ((bits & kQuantity) != 0) entry.quantity = in.text(limits::kNameBytesMax);
  entry.purge = (bits & kPurge) != 0;
  entry.reason = in.text(limits::kReasonBytesMax);
  link.hash = read_hash(in);
  if (!in.ok() || in.left() > 0 || version != kVersion || (bits & ~kAll) != 0) return std::nullopt;
  if (action_of(entry.kind).empty()) return std::nullopt;
  if (!journal.empty()) {
    const auto id = JournalId::parse(journal);
    if (!id) return std::nullopt;
    entry.journal = *id;
  }
  return link;
}

std::string encode(const Head& head) {
  std::string bytes;
  ByteWriter out(bytes);
  out.fixed(kVersion);
  out.fixed(head.count);
  out.fixed(head.position.value());
  append_hash(bytes, head.hash);
  return bytes;
}

std::optional<Head> decode_head(std::string_view bytes) {
  ByteReader in(bytes);
  Head head;
  const auto version = in.fixed<std::uint8_t>();
  head.count = in.fixed<std::uint64_t>();
  head.position = Position(in.fixed<std::uint64_t>());
  head.hash = read_hash(in);
  if (!in.ok() || in.left() > 0 || version != kVersion) return std::nullopt;
  return head;
}

std::string text_of(const Hash& hash) {
  std::string text;
  for (const char each : hash) {
    const auto byte = static_cast<unsigned char>(each);
    text.push_back(kHexDigits[byte >> 4U]);
    text.push_back(kHexDigits[byte & 0x0fU]);
  }
  return text;
}

std::optional<Hash> parse_hash(std::string_view text) {
  Hash hash{};
  if (text.size() != 2 * hash.size()) return std::nullopt;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t digit = kHexDigits.find(text[i]);
    if (digit == std::string_view::npos) return std::nullopt;
    const auto byte = static_cast<unsigned char>(hash[i / 2]);
    hash[i / 2] = static_cast<char>((byte << 4U) | digit);
  }
  return hash;
}

}  // namespace temperature::audit
