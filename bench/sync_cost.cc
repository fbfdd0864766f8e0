// What one write and fdatasync of 4 KiB appended to a file costs on the disk of a folder.
//   sync_cost FOLDER
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

int main(int argc, char** argv) {
  const std::string path = std::string(argc > 1 ? argv[1] : ".") + "/sync_cost.tmp";
  const int file = ::open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0600);
  if (file < 0) return std::perror(path.c_str()), 1;
  const std::string block(4096, 'x');
  std::vector<double> took_us;
  for (int i = 0; i < 500; ++i) {
    const auto began = std::chrono::steady_clock::now();
    if (::write(file, block.data(), block.size()) < 0 || ::fdatasync(file) != 0) return std::perror("sync"), 1;
    took_us.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - began).count());
  }
  ::close(file);
  ::unlink(path.c_str());
  std::ranges::sort(took_us);
  std::printf("{\"p50_us\":%.0f,\"p99_us\":%.0f}\n", took_us[took_us.size() / 2], took_us[took_us.size() * 99 / 100]);
  return 0;
}
