#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "client/byte_source.h"

namespace temperature::client {

// A text in any encoding, as UTF-8 without a byte order mark. One thread.
//
// Without the name of an encoding a byte order mark decides (UTF-8, UTF-16, UTF-32); where there is none either, the
// bytes are passed on as they are. A byte that its encoding does not have comes out as 0xFF, which is no UTF-8: what
// reads the text refuses the field it stands in, and no other.
class DecodedSource final : public ByteSource {
 public:
  // `source` outlives this. `encoding`: a name that iconv(1) knows; empty: none.
  DecodedSource(ByteSource& source, std::string encoding) : source_(source), encoding_(std::move(encoding)) {}
  ~DecodedSource() override;
  DecodedSource(const DecodedSource&) = delete;
  DecodedSource& operator=(const DecodedSource&) = delete;

  // Errors, besides the source's: an encoding that is not known, one that the byte order mark contradicts, and text
  // that is UTF-16 by its look where neither says so.
  Result<std::size_t> read(std::span<char> out) override;

 private:
  Result<void> begin();
  Result<void> fill();
  void convert();

  ByteSource& source_;
  std::string encoding_;
  std::string waiting_;  // bytes of the source; those before at_ are done with
  std::size_t at_ = 0;
  std::string decoded_;  // in UTF-8; those before given_ were handed out
  std::size_t given_ = 0;
  bool begun_ = false;
  bool ended_ = false;          // the source has
  void* converter_ = nullptr;   // iconv_t; nullptr: bytes are passed on
  std::size_t unit_bytes_ = 1;  // what is passed over where a character cannot be read
};

}  // namespace temperature::client
