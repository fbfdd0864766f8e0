#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "client/byte_source.h"

namespace temperature::client {

// A file, a pipe or standard input, closed in the destructor. One thread.
class InputFile final : public ByteSource {
 public:
  // `path` "-" is standard input.
  static Result<InputFile> open(const std::string& path);

  InputFile(InputFile&& other) noexcept;
  InputFile& operator=(InputFile&&) = delete;
  ~InputFile() override;

  Result<std::size_t> read(std::span<char> out) override;

  // Makes sure that rewind() works: what comes through a pipe is copied into an unnamed temporary
  // file ($TMPDIR, else /tmp) first, to its end. REQUIRES: nothing was read yet.
  Result<void> make_rewindable();

  // Back to the first byte. REQUIRES: make_rewindable() succeeded.
  Result<void> rewind();

  // Bytes read since the beginning, and the size of the whole where it is known.
  [[nodiscard]] std::uint64_t bytes_read() const { return bytes_read_; }
  [[nodiscard]] std::optional<std::uint64_t> bytes_total() const;

 private:
  InputFile(int descriptor, std::string name) : descriptor_(descriptor), name_(std::move(name)) {}

  int descriptor_;
  std::string name_;  // for messages
  std::uint64_t bytes_read_ = 0;
  bool rewindable_ = false;
};

}  // namespace temperature::client
