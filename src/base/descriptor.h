#pragma once

#include <unistd.h>

#include <filesystem>
#include <string_view>
#include <system_error>

namespace temperature {

// A file descriptor that is closed in the destructor; below 0: none.
class Descriptor {
 public:
  explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  [[nodiscard]] int get() const { return descriptor_; }
  [[nodiscard]] bool opened() const { return descriptor_ >= 0; }

 private:
  int descriptor_;
};

// However many writes it takes. False: errno says why.
bool write_all(int descriptor, std::string_view bytes);

// Has the names in a folder outlive a power cut.
std::error_code sync_folder(const std::filesystem::path& folder);

}  // namespace temperature
