#include "telemetry/log.h"

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "base/json_text.h"

namespace temperature::telemetry {
namespace {

// Text of others makes no line of its own, and nothing that a terminal obeys.
void append_on_one_line(std::string& line, std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n' || c == '\r' || c == '\t') {
      line += c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t";
    } else if (byte < 0x20 || byte == 0x7F) {
      line += fmt::format("\\x{:02x}", byte);
    } else {
      line.push_back(c);
    }
  }
}

}  // namespace

// The message is set in JSON before spdlog sees it, so that its pattern only adds time and level.
Log::Log(LogFormat format)
    : format_(format),
      logger_(
          std::make_shared<spdlog::logger>("temperature-service", std::make_shared<spdlog::sinks::stderr_sink_mt>())) {
  logger_->set_formatter(std::make_unique<spdlog::pattern_formatter>(
      format == LogFormat::json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})" : "%Y-%m-%dT%H:%M:%S.%eZ %l %v",
      spdlog::pattern_time_type::utc));
  logger_->flush_on(spdlog::level::info);
}

Log::~Log() = default;

void Log::note(std::string_view message, Fields fields) const {
  write(Level::info, message, fields);
}
void Log::warn(std::string_view message, Fields fields) const {
  write(Level::warning, message, fields);
}
void Log::error(std::string_view message, Fields fields) const {
  write(Level::error, message, fields);
}

void Log::write(Level level, std::string_view message, Fields fields) const {
  std::string line;
  if (format_ == LogFormat::json) {
    line += R"("message":)";
    append_json_string(line, message);
    for (const auto& [name, value] : fields) {
      line.push_back(',');
      append_json_string(line, name);
      line.push_back(':');
      append_json_string(line, value);
    }
  } else {
    append_on_one_line(line, message);
    for (const auto& [name, value] : fields) {
      line.push_back(' ');
      line += name;
      line.push_back('=');
      append_on_one_line(line, value);
    }
  }
  constexpr spdlog::level::level_enum kLevels[] = {spdlog::level::info, spdlog::level::warn, spdlog::level::err};
  logger_->log(kLevels[static_cast<std::size_t>(level)], spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace temperature::telemetry
