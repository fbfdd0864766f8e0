#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <vector>

namespace temperature::app {

// Whether files that somebody edits have changed. Their times, lengths and inodes are compared, through symbolic links:
// so a file that was replaced counts, and so does a link that points to another one, as Kubernetes has it.
class FileWatch {
 public:
  // What the files are now is not a change.
  explicit FileWatch(std::vector<std::filesystem::path> files);

  // True once for each change, and only when the files are the same as at the last look: one that is being written is
  // left alone until it is whole. A file that is missing is no change; it is one when it is back as another.
  bool changed();

  // They are read now for another reason: what they are is no change any more.
  void skip();

 private:
  struct Mark {
    dev_t device = 0;
    ino_t inode = 0;
    std::int64_t bytes = 0;
    std::int64_t modified = 0;  // nanoseconds
    bool operator==(const Mark&) const = default;
  };
  [[nodiscard]] std::vector<Mark> look() const;

  std::vector<std::filesystem::path> files_;
  std::vector<Mark> known_;
  std::vector<Mark> last_;
};

}  // namespace temperature::app
