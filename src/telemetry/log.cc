#include "telemetry/log.h"

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>

#include <algorithm>
#include <exception>
#include <mutex>

#include "base/json_text.h"
#include "base/printable.h"
#include "base/utf8.h"

namespace temperature::telemetry {
namespace {

constexpr const char* kName = "temperature-service";

spdlog::level::level_enum level_of(LogLevel level) {
  constexpr spdlog::level::level_enum kLevels[] = {spdlog::level::debug, spdlog::level::info, spdlog::level::warn,
                                                   spdlog::level::err};
  return kLevels[static_cast<std::size_t>(level)];
}

// The message is set in JSON before spdlog sees it, so that its pattern only adds time and level.
std::unique_ptr<spdlog::formatter> formatter_of(LogFormat format) {
  return std::make_unique<spdlog::pattern_formatter>(
      format == LogFormat::json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})" : "%Y-%m-%dT%H:%M:%S.%eZ %l %v",
      spdlog::pattern_time_type::utc);
}

std::string line_of(spdlog::formatter& formatter, const spdlog::details::log_msg& message) {
  spdlog::memory_buf_t line;
  formatter.format(message, line);
  return {line.data(), line.size()};
}

// Text of others makes no line of its own, and nothing that a terminal obeys.
void append_on_one_line(std::string& line, std::string_view text) {
  constexpr std::string_view kSpelled = "\n\r\t";
  while (!text.empty()) {
    const std::string_view plain = text.substr(0, text.find_first_of(kSpelled));
    line += printable(plain, plain.size());
    text.remove_prefix(plain.size());
    if (text.empty()) return;
    line += text.front() == '\n' ? "\\n" : text.front() == '\r' ? "\\r" : "\\t";
    text.remove_prefix(1);
  }
}

void append_in_quotes(std::string& line, std::string_view text) {
  std::string json;
  append_json_string(json, text);
  line += printable_json(json);
}

std::string message_of(LogFormat format, std::string_view message, Log::Fields fields) {
  std::string line;
  if (format == LogFormat::json) {
    line += R"("message":)";
    append_in_quotes(line, utf8_prefix(message, limits::kLogTextBytesMax));
  } else {
    append_on_one_line(line, utf8_prefix(message, limits::kLogTextBytesMax));
  }
  for (const auto& [name, value] : fields) {
    const std::string_view shown = utf8_prefix(value, limits::kLogTextBytesMax);
    if (format == LogFormat::json) {
      line.push_back(',');
      append_json_string(line, name);
      line.push_back(':');
      append_in_quotes(line, shown);
    } else {
      line.push_back(' ');
      line += name;
      line.push_back('=');
      append_on_one_line(line, shown);
    }
  }
  return line;
}

std::string dropped_line(LogFormat format, spdlog::formatter& formatter, std::uint64_t dropped) {
  const std::string message =
      message_of(format, "lines of the log were dropped: nobody took them, or they could not be written",
                 {{"dropped", std::to_string(dropped)}});
  return line_of(formatter, spdlog::details::log_msg(kName, spdlog::level::warn, message));
}

LogQueueOptions options_of(LogFormat format, int descriptor) {
  LogQueueOptions options{.descriptor = descriptor, .say_dropped = {}};
  const std::shared_ptr<spdlog::formatter> formatter = formatter_of(format);
  options.say_dropped = [format, formatter](std::uint64_t dropped) {
    return dropped_line(format, *formatter, dropped);
  };
  return options;
}

class QueueSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit QueueSink(std::shared_ptr<LogQueue> queue) : queue_(std::move(queue)) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override { queue_->add(line_of(*formatter_, message)); }
  void flush_() override {}

 private:
  const std::shared_ptr<LogQueue> queue_;
};

}  // namespace

Log::Log(LogFormat format, LogLevel level, int descriptor)
    : format_(format),
      level_(level),
      shown_(format == LogFormat::text && level <= LogLevel::info && ::isatty(descriptor) != 0),
      queue_(std::make_shared<LogQueue>(options_of(format, descriptor))),
      logger_(std::make_shared<spdlog::logger>(kName, std::make_shared<QueueSink>(queue_))) {
  logger_->set_formatter(formatter_of(format));
  logger_->set_level(level_of(level));
  // The default is to write to standard error.
  logger_->set_error_handler([queue = queue_](const std::string&) { queue->drop(); });
}

Log::~Log() = default;

void Log::debug(std::string_view message, Fields fields) const {
  write(LogLevel::debug, message, fields);
}
void Log::note(std::string_view message, Fields fields) const {
  write(LogLevel::info, message, fields);
}
void Log::warn(std::string_view message, Fields fields) const {
  write(LogLevel::warning, message, fields);
}
void Log::error(std::string_view message, Fields fields) const {
  write(LogLevel::error, message, fields);
  if (ErrorObserver* observer = observer_.load()) observer->failed(message, fields);
}

void Log::write(LogLevel level, std::string_view message, Fields fields) const {
  if (!says(level)) return;
  try {
    const std::string line = message_of(format_, message, fields);
    logger_->log(level_of(level), spdlog::string_view_t(line.data(), line.size()));
  } catch (const std::exception&) {
    queue_->drop();
  }
}

void Log::fail(std::string_view message) const {
  if (format_ == LogFormat::json) return write(LogLevel::error, message, {});
  try {
    queue_->add(fmt::format("{}: {}\n", kName, message_of(format_, message, {})));
  } catch (const std::exception&) {
    queue_->drop();
  }
}

void Log::show(std::string_view lines) const {
  if (!shown_) return;
  try {
    std::string shown;
    while (!lines.empty()) {
      const std::string_view line = lines.substr(0, lines.find('\n'));
      append_on_one_line(shown, line);
      shown.push_back('\n');
      lines.remove_prefix(std::min(lines.size(), line.size() + 1));
    }
    queue_->add(std::move(shown));
  } catch (const std::exception&) {
    queue_->drop();
  }
}

void Log::flush(std::chrono::milliseconds at_most) const {
  queue_->flush(at_most);
}

}  // namespace temperature::telemetry
