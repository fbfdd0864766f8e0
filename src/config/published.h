#pragma once

#include <filesystem>
#include <optional>
#include <string>

// --dev in a container: the service listens on every address of the container, and whoever started it publishes the
// port on the machine's loopback alone.
namespace temperature::config {

// "1" says that the port is published on 127.0.0.1 alone. Only docker-compose.yml and scripts/docker set it.
inline constexpr const char* kDevPublishedVariable = "TEMPERATURE_DEV_PUBLISHED";

// Where a process can see whether it is in our image, and in a network of its own.
struct ContainerSigns {
  std::filesystem::path image_mark = "/etc/temperature-service/image";  // the Dockerfile makes it
  std::filesystem::path networks = "/sys/class/net";                    // of this network namespace
};

// Why --dev may not listen on `address`, as a sentence; nullopt: it may. It may on loopback. In our image it may on
// 0.0.0.0 and :: when `published` (of the environment) is "1", unless the container shares the machine's network, which
// is told by a network interface that has a device below it. Without the mark `published` means nothing.
std::optional<std::string> why_dev_may_not_listen(const std::string& address, const char* published,
                                                  const ContainerSigns& signs);

}  // namespace temperature::config
