#pragma once

#include <sys/stat.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

struct gzFile_s;  // NOLINT(readability-identifier-naming): zlib.h

namespace temperature::client {

// What is written to: a file that gets its name when it is whole, or what is there for others and stays what it is, a
// device, a FIFO, standard output. One thread.
class OutputFile {
 public:
  // "-" is standard output. A name that ends in ".gz" is written as gzip. A regular file, and what a symbolic link to
  // one leads to, is replaced at the end, with the permissions that it had; the link stays. Whatever else has the name
  // is written through: nothing of that can be taken back. To open a FIFO waits for its reader, until a signal comes.
  // Error startup: nothing can be written there; a folder, a socket, links in a circle.
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
  Result<void> open();
  Result<void> open_partial(const struct stat* replaced);  // nullptr: there is nothing yet
  [[nodiscard]] bool to_stdout() const { return path_ == "-"; }
  [[nodiscard]] bool is_replaced() const { return !partial_.empty(); }

  std::string path_;     // as it was given
  std::string target_;   // what is replaced: the same without symbolic links
  std::string partial_;  // what is written until then; empty: path_ itself is
  int descriptor_ = -1;
  gzFile_s* gzip_ = nullptr;
  int gzip_descriptor_ = -1;  // gzip_ closes it
  std::string waiting_;
};

}  // namespace temperature::client
