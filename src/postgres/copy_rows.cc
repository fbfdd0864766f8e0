#include "postgres/copy_rows.h"

#include <optional>

namespace temperature::postgres {
namespace {

constexpr std::size_t kCountBytes = sizeof(std::int16_t);
constexpr std::size_t kSizeBytes = sizeof(std::int32_t);
constexpr std::size_t kSignatureBytes = 11;
constexpr std::int16_t kTrailerMark = -1;

enum class Piece : std::uint8_t { row, incomplete, trailer, malformed };

struct Scanned {
  Piece piece = Piece::incomplete;
  std::size_t size = 0;
};

// How long the row at the beginning of `bytes` is.
Scanned scan_row(std::string_view bytes) {
  if (bytes.size() < kCountBytes) return {};
  const auto values = read_big_endian<std::int16_t>(bytes.data());
  if (values == kTrailerMark) return {.piece = Piece::trailer, .size = kCountBytes};
  if (values < 0) return {.piece = Piece::malformed};
  std::size_t at = kCountBytes;
  for (std::int16_t i = 0; i < values; ++i) {
    if (bytes.size() - at < kSizeBytes) return {};
    const auto size = read_big_endian<std::int32_t>(bytes.data() + at);
    at += kSizeBytes;
    if (size < -1) return {.piece = Piece::malformed};
    if (size == -1) continue;
    if (bytes.size() - at < static_cast<std::size_t>(size)) return {};
    at += static_cast<std::size_t>(size);
  }
  return {.piece = Piece::row, .size = at};
}

// How long the header is with its extension, which nobody uses yet.
Scanned scan_header(std::string_view bytes) {
  if (bytes.size() < kCopyHeader.size()) return {};
  if (bytes.substr(0, kSignatureBytes) != kCopyHeader.substr(0, kSignatureBytes)) return {.piece = Piece::malformed};
  const auto extension = read_big_endian<std::uint32_t>(bytes.data() + kCopyHeader.size() - kSizeBytes);
  if (bytes.size() - kCopyHeader.size() < extension) return {};
  return {.piece = Piece::row, .size = kCopyHeader.size() + extension};
}

}  // namespace

CopiedRow::CopiedRow(std::string_view bytes) : rest_(bytes) {
  if (rest_.size() < kCountBytes) {
    ok_ = false;
    return;
  }
  values_ = read_big_endian<std::int16_t>(rest_.data());
  rest_.remove_prefix(kCountBytes);
}

bool CopiedRow::next_is_null() const {
  return rest_.size() >= kSizeBytes && read_big_endian<std::int32_t>(rest_.data()) == -1;
}

std::string_view CopiedRow::bytes() {
  if (rest_.size() < kSizeBytes) {
    ok_ = false;
    return {};
  }
  const auto size = read_big_endian<std::int32_t>(rest_.data());
  rest_.remove_prefix(kSizeBytes);
  if (size == -1) return {};
  if (size < -1 || rest_.size() < static_cast<std::size_t>(size)) {
    ok_ = false;
    return {};
  }
  const std::string_view value = rest_.substr(0, static_cast<std::size_t>(size));
  rest_.remove_prefix(value.size());
  return value;
}

CopyReader::Next CopyReader::feed(std::string_view piece, const std::function<bool(std::string_view row)>& take) {
  // Servers send each row as a piece of its own: then nothing is copied.
  if (!pending_.empty()) {
    pending_ += piece;
    piece = pending_;
  }
  std::size_t at = 0;
  Next next = Next::more;
  while (at < piece.size()) {
    const std::string_view rest = piece.substr(at);
    const Scanned scanned = header_seen_ ? scan_row(rest) : scan_header(rest);
    if (scanned.piece == Piece::incomplete) break;
    if (scanned.piece == Piece::malformed || trailer_seen_) return Next::malformed;
    at += scanned.size;
    if (scanned.piece == Piece::trailer) {
      trailer_seen_ = true;
    } else if (!header_seen_) {
      header_seen_ = true;
    } else if (!take(rest.substr(0, scanned.size))) {
      next = Next::stopped;
      break;
    }
  }
  pending_ = std::string(piece.substr(at));
  return next;
}

}  // namespace temperature::postgres
