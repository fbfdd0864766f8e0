#include "base/memory_limit.h"

#include <sys/resource.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <string>
#include <string_view>

#include "base/sizes.h"

namespace temperature {
namespace {

namespace fs = std::filesystem;

// A number alone in a file; what is none ("max") limits nothing.
std::uint64_t limit_in(const fs::path& file) {
  std::ifstream in(file);
  std::string word;
  std::uint64_t number = UINT64_MAX;
  if (!(in >> word)) return number;
  const auto [stop, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  return error == std::errc() && stop == word.data() + word.size() ? number : UINT64_MAX;
}

std::uint64_t machine_memory(const fs::path& root) {
  std::ifstream in(root / "proc/meminfo");
  std::string name;
  std::uint64_t kibibytes = 0;
  std::string unit;
  while (in >> name >> kibibytes) {
    if (name == "MemTotal:") return kibibytes * limits::kKiB;
    std::getline(in, unit);
  }
  return UINT64_MAX;
}

// The least of a group and of those above it. In a container its path is that of outside, and only the uppermost is
// there.
std::uint64_t limit_up_from(const fs::path& top, std::string_view group, const char* file) {
  std::uint64_t limit = UINT64_MAX;
  fs::path below = fs::path(group).relative_path();
  while (true) {
    limit = std::min(limit, limit_in(top / below / file));
    if (below.empty()) return limit;
    below = below.parent_path();
  }
}

std::uint64_t group_memory(const fs::path& root) {
  std::ifstream in(root / "proc/self/cgroup");
  const fs::path groups = root / "sys/fs/cgroup";
  std::uint64_t limit = UINT64_MAX;
  for (std::string line; std::getline(in, line);) {
    // "4:memory:/a/b" of version 1, "0::/a/b" of version 2
    const auto first = line.find(':');
    const auto second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    const std::string group = line.substr(second + 1);
    if (controllers == ",,") limit = std::min(limit, limit_up_from(groups, group, "memory.max"));
    if (controllers.contains(",memory,")) {
      limit = std::min(limit, limit_up_from(groups / "memory", group, "memory.limit_in_bytes"));
    }
  }
  return limit;
}

}  // namespace

std::uint64_t memory_limit(const fs::path& root) {
  rlimit address_space{};
  const bool limited = getrlimit(RLIMIT_AS, &address_space) == 0 && address_space.rlim_cur != RLIM_INFINITY;
  const std::uint64_t own = limited ? address_space.rlim_cur : UINT64_MAX;
  return std::min({machine_memory(root), group_memory(root), own});
}

}  // namespace temperature
