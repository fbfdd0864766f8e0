#pragma once

#include <memory>
#include <vector>

#include "client/byte_source.h"

struct z_stream_s;

namespace temperature::client {

// What `source` holds, inflated when its first two bytes are gzip's (RFC 1952), as it is otherwise.
// Several gzip members one after the other are one text, and zeros behind them are padding. A gzip
// text that ends early or is damaged is an error, after everything before it was handed out.
class PlainOrGzip final : public ByteSource {
 public:
  // `source` outlives this.
  explicit PlainOrGzip(ByteSource& source);
  ~PlainOrGzip() override;

  Result<std::size_t> read(std::span<char> out) override;

 private:
  enum class State : unsigned char { undecided, plain, between_members, in_member, ended };

  [[nodiscard]] std::span<char> waiting() { return std::span(buffer_).subspan(begin_, end_ - begin_); }
  Result<bool> more();     // false: the source has ended
  Result<void> decide();   // plain or gzip
  Result<void> between();  // another member, or the end
  Result<std::size_t> inflate_into(std::span<char> out);
  std::size_t copy_into(std::span<char> out);

  ByteSource& source_;
  State state_ = State::undecided;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::unique_ptr<z_stream_s> stream_;
};

}  // namespace temperature::client
