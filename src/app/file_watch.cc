#include "app/file_watch.h"

#include <sys/stat.h>

#include <utility>

namespace temperature::app {

FileWatch::FileWatch(std::vector<std::filesystem::path> files)
    : files_(std::move(files)), known_(look()), last_(known_) {}

// Empty when one of them is missing.
std::vector<FileWatch::Mark> FileWatch::look() const {
  constexpr std::int64_t kNanoseconds = 1'000'000'000;
  std::vector<Mark> marks;
  for (const std::filesystem::path& file : files_) {
    struct stat about{};
    if (::stat(file.c_str(), &about) != 0) return {};
    marks.push_back(
        {about.st_dev, about.st_ino, about.st_size, about.st_mtim.tv_sec * kNanoseconds + about.st_mtim.tv_nsec});
  }
  return marks;
}

void FileWatch::skip() {
  known_ = last_ = look();
}

bool FileWatch::changed() {
  std::vector<Mark> now = look();
  const bool settled = now == last_;
  last_ = std::move(now);
  if (!settled || last_.empty() || last_ == known_) return false;
  known_ = last_;
  return true;
}

}  // namespace temperature::app
