#include "config/published.h"

#include <fmt/format.h>

#include <string_view>
#include <system_error>

#include "config/listen_address.h"

namespace temperature::config {
namespace {

// Interfaces of a container's own network (veth, macvlan, tap) are virtual and have none. Where the folder cannot be
// looked at nobody can tell, which counts as shared.
bool shares_the_network(const std::filesystem::path& networks) {
  std::error_code wrong;
  std::filesystem::directory_iterator entries(networks, wrong);
  if (wrong) return true;
  for (; entries != std::filesystem::directory_iterator(); entries.increment(wrong)) {
    if (wrong || std::filesystem::exists(entries->path() / "device", wrong) || wrong) return true;
  }
  return static_cast<bool>(wrong);
}

}  // namespace

std::optional<std::string> why_dev_may_not_listen(const std::string& address, const char* published,
                                                  const ContainerSigns& signs) {
  if (is_loopback(address)) return std::nullopt;
  std::string refusal =
      fmt::format("--dev needs no credential from anybody, so it may listen on loopback only, not on {}", address);
  if (published == nullptr || std::string_view(published) != "1" || !is_unspecified(address)) return refusal;
  std::error_code wrong;
  if (!std::filesystem::is_regular_file(signs.image_mark, wrong)) {
    return fmt::format("{}; {} is for the image of temperature-service alone", refusal, kDevPublishedVariable);
  }
  if (shares_the_network(signs.networks)) {
    return fmt::format("{}; {} is for a container with a network of its own, and this one shares the machine's",
                       refusal, kDevPublishedVariable);
  }
  return std::nullopt;
}

}  // namespace temperature::config
