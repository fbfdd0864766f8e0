#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <vector>

// Runs a fuzz target over the files of its corpus, where there is no libFuzzer to do it.

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t count);

// Every argument is a directory. Fails when one cannot be read or there is no file in all of them.
int main(int argc, char** argv) {
  std::size_t files = 0;
  for (int i = 1; i < argc; ++i) {
    std::error_code error;
    for (std::filesystem::recursive_directory_iterator entry(argv[i], error), end; !error && entry != end;
         entry.increment(error)) {
      if (!entry->is_regular_file()) continue;
      std::ifstream file(entry->path(), std::ios::binary);
      // No byte is readable behind the last one, so that a sanitizer sees a read beyond the end.
      const std::vector<char> content{std::istreambuf_iterator<char>(file), {}};
      if (!file.is_open() || file.bad()) {
        std::fprintf(stderr, "cannot read %s\n", entry->path().c_str());
        return 1;
      }
      std::fprintf(stderr, "%s\n", entry->path().c_str());  // a crash has then said which one
      LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(content.data()), content.size());
      ++files;
    }
    if (error) {
      std::fprintf(stderr, "cannot list %s: %s\n", argv[i], error.message().c_str());
      return 1;
    }
  }
  std::printf("%zu files\n", files);
  return files > 0 ? 0 : 1;
}
