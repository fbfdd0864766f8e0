#include "client/gunzip.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "client/bounds.h"

namespace temperature::client {
namespace {

constexpr int kGzipOnly = 15 + 16;  // inflateInit2: the largest window, gzip's wrapper

bool is_gzip(std::span<const char> bytes) {
  return bytes.size() >= 2 && bytes[0] == '\x1f' && bytes[1] == '\x8b';
}

}  // namespace

PlainOrGzip::PlainOrGzip(ByteSource& source) : source_(source), buffer_(kReadBytes) {}

PlainOrGzip::~PlainOrGzip() {
  if (stream_) inflateEnd(stream_.get());
}

Result<bool> PlainOrGzip::more() {
  std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_), buffer_.begin() + static_cast<std::ptrdiff_t>(end_),
            buffer_.begin());
  end_ -= begin_;
  begin_ = 0;
  CHECK(end_ < buffer_.size());
  auto count = source_.read(std::span(buffer_).subspan(end_));
  if (!count) return std::unexpected(std::move(count.error()));
  end_ += *count;
  return *count > 0;
}

Result<void> PlainOrGzip::decide() {
  while (end_ - begin_ < 2) {
    const auto read = more();
    if (!read) return std::unexpected(read.error());
    if (!*read) break;
  }
  if (!is_gzip(waiting())) {
    state_ = State::plain;
    return {};
  }
  stream_ = std::make_unique<z_stream>();
  if (inflateInit2(stream_.get(), kGzipOnly) != Z_OK) {
    stream_.reset();
    return failure(ErrorCode::startup, "cannot unpack: zlib does not start");
  }
  state_ = State::in_member;
  return {};
}

Result<void> PlainOrGzip::between() {
  for (;;) {
    while (begin_ < end_ && buffer_[begin_] == '\0') ++begin_;
    if (end_ - begin_ >= 2) break;
    const auto read = more();
    if (!read) return std::unexpected(read.error());
    if (*read) continue;
    if (begin_ < end_) break;
    state_ = State::ended;
    return {};
  }
  if (!is_gzip(waiting())) return failure(ErrorCode::startup, "cannot unpack: something else follows the gzip text");
  inflateReset(stream_.get());
  state_ = State::in_member;
  return {};
}

std::size_t PlainOrGzip::copy_into(std::span<char> out) {
  const std::size_t count = std::min(out.size(), end_ - begin_);
  std::copy_n(waiting().data(), count, out.data());
  begin_ += count;
  return count;
}

Result<std::size_t> PlainOrGzip::inflate_into(std::span<char> out) {
  for (;;) {
    if (begin_ == end_) {
      const auto read = more();
      if (!read) return std::unexpected(read.error());
      if (!*read) {
        return failure(ErrorCode::startup, "cannot unpack: the gzip text ends early; the file is not complete");
      }
    }
    const auto limit = [](std::size_t bytes) { return static_cast<uInt>(std::min<std::size_t>(bytes, 1U << 30)); };
    stream_->next_in = reinterpret_cast<Bytef*>(waiting().data());
    stream_->avail_in = limit(waiting().size());
    stream_->next_out = reinterpret_cast<Bytef*>(out.data());
    stream_->avail_out = limit(out.size());
    const uInt room = stream_->avail_out;
    const uInt given = stream_->avail_in;
    const int outcome = inflate(stream_.get(), Z_NO_FLUSH);
    begin_ += given - stream_->avail_in;
    const std::size_t count = room - stream_->avail_out;
    if (outcome == Z_STREAM_END) {
      state_ = State::between_members;
      return count;
    }
    if (outcome != Z_OK && outcome != Z_BUF_ERROR) {
      return failure(ErrorCode::startup, std::string("cannot unpack: the gzip text is damaged: ") +
                                             (stream_->msg == nullptr ? "unknown" : stream_->msg));
    }
    if (count > 0) return count;
  }
}

Result<std::size_t> PlainOrGzip::read(std::span<char> out) {
  for (;;) {
    switch (state_) {
      case State::undecided: {
        if (auto decided = decide(); !decided) return std::unexpected(std::move(decided.error()));
        break;
      }
      case State::plain:
        return begin_ < end_ ? copy_into(out) : source_.read(out);
      case State::in_member: {
        auto count = inflate_into(out);
        if (!count || *count > 0) return count;
        break;  // a member may be empty
      }
      case State::between_members: {
        if (auto moved = between(); !moved) return std::unexpected(std::move(moved.error()));
        break;
      }
      case State::ended:
        return 0;
    }
  }
}

}  // namespace temperature::client
