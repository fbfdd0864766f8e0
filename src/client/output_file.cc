#include "client/output_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <zlib.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/descriptor.h"
#include "client/bounds.h"

namespace temperature::client {
namespace {

constexpr const char* kGzipMode = "wb6";

}  // namespace

OutputFile::OutputFile(std::string path) : path_(std::move(path)), partial_(path_ + ".partial") {}

std::unexpected<Error> OutputFile::failed() const {
  return failure(ErrorCode::startup, fmt::format("cannot write {}: {}", path_, std::strerror(errno)));
}

Result<std::unique_ptr<OutputFile>> OutputFile::create(const std::string& path) {
  std::unique_ptr<OutputFile> file(new OutputFile(path));
  if (file->to_stdout()) {
    file->descriptor_ = STDOUT_FILENO;
    return file;
  }
  file->descriptor_ = ::open(file->partial_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file->descriptor_ < 0) return file->failed();
  if (path.ends_with(".gz")) {
    file->gzip_ = gzdopen(::dup(file->descriptor_), kGzipMode);
    if (file->gzip_ == nullptr) return file->failed();
  }
  return file;
}

OutputFile::~OutputFile() {
  if (gzip_ != nullptr) gzclose(gzip_);
  if (to_stdout() || descriptor_ < 0) return;
  ::close(descriptor_);
  ::unlink(partial_.c_str());
}

Result<void> OutputFile::write(std::string_view bytes) {
  if (gzip_ != nullptr) {
    if (!bytes.empty() && gzwrite(gzip_, bytes.data(), static_cast<unsigned>(bytes.size())) <= 0) return failed();
    return {};
  }
  waiting_ += bytes;
  if (waiting_.size() < kReadBytes) return {};
  if (!write_all(descriptor_, waiting_)) return failed();
  waiting_.clear();
  return {};
}

Result<void> OutputFile::finish() {
  if (gzip_ != nullptr) {
    gzFile_s* const closing = std::exchange(gzip_, nullptr);
    if (gzclose(closing) != Z_OK) return failed();
  } else if (!write_all(descriptor_, waiting_)) {
    return failed();
  }
  if (to_stdout()) return {};
  const bool synced = ::fsync(descriptor_) == 0;
  if (::close(std::exchange(descriptor_, -1)) != 0 || !synced) return failed();
  if (std::rename(partial_.c_str(), path_.c_str()) != 0) return failed();
  return {};
}

}  // namespace temperature::client
