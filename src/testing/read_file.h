#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace temperature::testing {

// A file's bytes; none when there is no such file.
inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace temperature::testing
