#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/error.h"
#include "base/time.h"
#include "model/retention.h"

namespace temperature::config {

enum class LogFormat : std::uint8_t { text, json };

// What `serve` is told, checked.
struct Settings {
  std::string listen_address;
  std::uint16_t listen_port = 0;  // 0: a free one
  std::filesystem::path data_dir;
  std::size_t threads = 1;
  bool dev = false;  // no authentication; loopback only
  Retention retention;
  std::uint64_t min_free_disk = 0;  // bytes
  Duration max_ahead{0};
  std::size_t series_max = 0;
  std::string default_building;
  LogFormat log_format = LogFormat::text;
  std::string admin_key;                 // empty: from the file
  std::filesystem::path admin_key_file;  // empty: DATA_DIR/admin.key, made when it is not there
};

// The same as it was typed.
struct Flags {
  std::string listen = "127.0.0.1:8000";
  std::string data_dir = "./data";
  std::size_t threads = 0;  // 0: one for each core
  bool dev = false;
  std::string retention = "0";
  std::string min_free_disk = "1GiB";
  std::string max_ahead = "10m";
  std::size_t series_max = 2'000'000;
  std::string default_building = "default";
  std::string log_format = "text";
  std::string admin_key;
  std::string admin_key_file;
  std::string config;  // a TOML file
};

// Error startup: names the flag and what it must be.
Result<Settings> check(const Flags& flags);

// Whether the address can be reached from this machine alone.
bool is_loopback(const std::string& address);

}  // namespace temperature::config
