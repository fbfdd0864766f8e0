#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace spdlog {
class logger;
}

namespace temperature::telemetry {

enum class LogFormat : std::uint8_t { text, json };

// What the program has to say to who runs it, on standard error: one line each, as text or JSON.
// Fields are appended as name=value, or as members of the object. Thread-safe.
class Log {
 public:
  using Fields = std::initializer_list<std::pair<std::string_view, std::string>>;

  explicit Log(LogFormat format);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  void note(std::string_view message, Fields fields = {}) const;
  void warn(std::string_view message, Fields fields = {}) const;
  void error(std::string_view message, Fields fields = {}) const;

 private:
  enum class Level : std::uint8_t { info, warning, error };
  void write(Level level, std::string_view message, Fields fields) const;

  LogFormat format_;
  std::shared_ptr<spdlog::logger> logger_;
};

}  // namespace temperature::telemetry
