#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

struct gzFile_s;  // NOLINT(readability-identifier-naming): zlib.h

namespace temperature::client {

// A file to be written, or standard output. Under its own name it stands only when it is whole. One thread.
class OutputFile {
 public:
  // "-" is standard output. A name that ends in ".gz" is written as gzip. An existing file is replaced at the end.
  static Result<std::unique_ptr<OutputFile>> create(const std::string& path);
  ~OutputFile();  // what was not finished is removed
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  Result<void> write(std::string_view bytes);
  // Writes the rest, syncs, and gives the file its name.
  Result<void> finish();

 private:
  explicit OutputFile(std::string path);
  [[nodiscard]] std::unexpected<Error> failed() const;
  [[nodiscard]] bool to_stdout() const { return path_ == "-"; }

  std::string path_;
  std::string partial_;
  int descriptor_ = -1;
  gzFile_s* gzip_ = nullptr;
  std::string waiting_;
};

}  // namespace temperature::client
