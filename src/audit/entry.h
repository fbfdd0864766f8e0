#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "model/ids.h"
#include "model/journal_id.h"

// The record of judgements: who had what deleted or replaced, when and why. docs/formats/audit.md draws the bytes.
namespace temperature::audit {

using Hash = std::array<char, 32>;  // of SHA-256 (FIPS 180-4)

// What a judgement was; the numbers are those of the journal's records.
enum class Kind : std::uint8_t { deletion = 3, replacement = 4 };

// "delete" or "replace"; empty for another number.
std::string_view action_of(Kind kind);
std::optional<Kind> kind_of(std::string_view action);

// One judgement and what it came to. A plain value.
struct Entry {
  Position position{};  // of its record in the journal
  JournalId journal{};
  Kind kind = Kind::deletion;
  Timestamp received{};
  std::string who = {};  // the credential's name; at most limits::kSenderBytesMax bytes
  // Whose readings: nullopt is all of them, or several.
  std::optional<std::string> building = std::nullopt;
  std::optional<std::string> room = std::nullopt;
  std::optional<std::string> sensor = std::nullopt;
  std::optional<std::string> quantity = std::nullopt;
  Timestamp from{};  // from <= timestamp < to
  Timestamp to{};
  std::string reason = {};  // at most limits::kReasonBytesMax bytes
  bool purge = false;
  std::optional<std::uint64_t> count = std::nullopt;  // of readings that it concerned; nullopt: damage hid some

  bool operator==(const Entry&) const = default;
};

// An entry at its place in the chain.
struct Link {
  std::uint64_t number = 0;  // dense from 1
  Hash previous{};           // hash of the entry before it; of the first: zeros
  Entry entry;
  Hash hash{};  // of `previous` and the entry's bytes, its number among them
};

// The end of the chain: what the next link goes on from.
struct Head {
  std::uint64_t count = 0;  // of entries
  Position position;        // of the last
  Hash hash{};              // of the last

  bool operator==(const Head&) const = default;
};

// What the hash is made of: the hash before it and the entry's bytes.
std::string hashed_bytes(const Link& link);
Hash hash_of(std::string_view bytes);

// The entry becomes the link behind `head`, and `head` that link.
Link append(Head& head, Entry entry);

// The value that is stored: what is hashed, and the hash. nullopt: it cannot be decoded; whether the hash fits is the
// chain's business (chain.h).
std::string encode(const Link& link);
std::optional<Link> decode(std::string_view bytes);

std::string encode(const Head& head);
std::optional<Head> decode_head(std::string_view bytes);

// 64 hexadecimal digits in lower case, and back; nullopt: it is no hash.
std::string text_of(const Hash& hash);
std::optional<Hash> parse_hash(std::string_view text);

}  // namespace temperature::audit
