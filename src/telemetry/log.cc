#include "telemetry/log.h"

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>

#include <algorithm>
#include <exception>
#include <functional>
#include <mutex>
#include <tuple>
#include <vector>

#include "base/json_text.h"
#include "base/printable.h"
#include "base/utf8.h"

namespace temperature::telemetry {

// Repeats, with their lock.
class RepeatGuard {
 public:
  std::vector<Repeats::Summary> with(const std::function<std::vector<Repeats::Summary>(Repeats&)>& take) {
    const std::scoped_lock lock(mutex_);
    return take(repeats_);
  }

 private:
  std::mutex mutex_;
  Repeats repeats_;
};

namespace {

constexpr const char* kName = "temperature-service";

spdlog::level::level_enum level_of(LogLevel level) {
  constexpr spdlog::level::level_enum kLevels[] = {spdlog::level::debug, spdlog::level::info, spdlog::level::warn,
                                                   spdlog::level::err};
  return kLevels[static_cast<std::size_t>(level)];
}

// The message is set in JSON before spdlog sees it, so that its pattern only adds time and level. The time is there
// twice: Datadog knows it by the name `timestamp`.
std::unique_ptr<spdlog::formatter> formatter_of(LogFormat format) {
  constexpr std::string_view kTime = "%Y-%m-%dT%H:%M:%S.%eZ";
  return std::make_unique<spdlog::pattern_formatter>(
      format == LogFormat::json ? fmt::format(R"({{"time":"{0}","timestamp":"{0}","level":"%l",%v}})", kTime)
                                : fmt::format("{} %l %v", kTime),
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

void append_field(std::string& line, LogFormat format, std::string_view name, std::string_view text, bool is_number) {
  const std::string_view shown = utf8_prefix(text, limits::kLogTextBytesMax);
  if (format == LogFormat::json) {
    line.push_back(',');
    append_json_string(line, name);
    line.push_back(':');
    if (is_number) {
      line += shown;
    } else {
      append_in_quotes(line, shown);
    }
  } else {
    line.push_back(' ');
    line += name;
    line.push_back('=');
    append_on_one_line(line, shown);
  }
}

std::string message_of(LogFormat format, std::string_view message, Log::Fields fields, const TraceIds& trace,
                       std::string_view members) {
  std::string line;
  if (format == LogFormat::json) {
    line += R"("message":)";
    append_in_quotes(line, utf8_prefix(message, limits::kLogTextBytesMax));
  } else {
    append_on_one_line(line, utf8_prefix(message, limits::kLogTextBytesMax));
  }
  for (const auto& [name, value] : fields) {
    if (!value.is_left_out()) append_field(line, format, name, value.text(), value.is_number());
  }
  if (trace.known()) {
    append_field(line, format, "trace_id", trace_id_text(trace), false);
    append_field(line, format, "span_id", span_id_text(trace), false);
  }
  if (format == LogFormat::json) line += members;
  return line;
}

std::string dropped_line(LogFormat format, spdlog::formatter& formatter, std::string_view members,
                         std::uint64_t dropped) {
  const std::string message =
      message_of(format, "lines of the log were dropped: nobody took them, or they could not be written",
                 {{"dropped", std::to_string(dropped)}}, {}, members);
  return line_of(formatter, spdlog::details::log_msg(kName, spdlog::level::warn, message));
}

LogQueueOptions options_of(LogFormat format, int descriptor, const std::string& members) {
  LogQueueOptions options{.descriptor = descriptor, .say_dropped = {}};
  const std::shared_ptr<spdlog::formatter> formatter = formatter_of(format);
  options.say_dropped = [format, formatter, members](std::uint64_t dropped) {
    return dropped_line(format, *formatter, members, dropped);
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

std::string members_of(const LogSource& source) {
  std::string members;
  if (source.version.empty()) return members;
  const auto add = [&members](std::string_view name, std::string_view value) {
    if (value.empty()) return;
    members.push_back(',');
    append_json_string(members, name);
    members.push_back(':');
    append_in_quotes(members, value);
  };
  for (const auto& [name, version, environment] :
       {std::tuple("service.name", "service.version", "deployment.environment.name"),
        std::tuple("dd.service", "dd.version", "dd.env")}) {
    add(name, kName);
    add(version, source.version);
    add(environment, source.environment);
  }
  return members;
}

LogValue::LogValue(std::chrono::nanoseconds time)
    : text_(fmt::format("{:.6f}", std::chrono::duration<double>(time).count())), is_number_(true) {}

Log::Log(LogFormat format, LogLevel level, int descriptor, const LogSource& source)
    : format_(format),
      level_(level),
      shown_(format == LogFormat::text && level <= LogLevel::info && ::isatty(descriptor) != 0),
      members_(members_of(source)),
      repeats_(std::make_unique<RepeatGuard>()),
      queue_(std::make_shared<LogQueue>(options_of(format, descriptor, members_))),
      logger_(std::make_shared<spdlog::logger>(kName, std::make_shared<QueueSink>(queue_))) {
  logger_->set_formatter(formatter_of(format));
  logger_->set_level(spdlog::level::trace);  // says() decides
  // The default is to write to standard error.
  logger_->set_error_handler([queue = queue_](const std::string&) { queue->drop(); });
}

Log::~Log() {
  say_repeats();
}

void Log::debug(std::string_view message, Fields fields, const TraceIds& trace) const {
  if (says(LogLevel::debug)) write(LogLevel::debug, message, fields, trace);
}
void Log::note(std::string_view message, Fields fields, const TraceIds& trace) const {
  if (says(LogLevel::info)) write(LogLevel::info, message, fields, trace);
}
void Log::warn(std::string_view message, Fields fields, const TraceIds& trace) const {
  if (says(LogLevel::warning)) write(LogLevel::warning, message, fields, trace);
}
void Log::error(std::string_view message, Fields fields, const TraceIds& trace) const {
  write(LogLevel::error, message, fields, trace);
  if (ErrorObserver* observer = observer_.load()) observer->failed(message, fields);
}
void Log::access(LogLevel level, std::string_view message, Fields fields, const TraceIds& trace) const {
  write(level, message, fields, trace);
}

void Log::write(LogLevel level, std::string_view message, Fields fields, const TraceIds& trace) const {
  try {
    const std::string line = message_of(format_, message, fields, trace, members_);
    logger_->log(level_of(level), spdlog::string_view_t(line.data(), line.size()));
  } catch (const std::exception&) {
    queue_->drop();
  }
}

void Log::event(LogLevel level, std::string_view message, std::string_view code, Fields fields,
                const TraceIds& trace) const {
  if (!says(level)) return;
  try {
    bool taken = false;
    say_each(repeats_->with([&](Repeats& repeats) {
      std::vector<Repeats::Summary> due;
      taken = repeats.take(level, message, code, std::chrono::steady_clock::now(), due);
      return due;
    }));
    if (!taken) return;
    if (level == LogLevel::error) return error(message, fields, trace);
    write(level, message, fields, trace);
  } catch (const std::exception&) {
    queue_->drop();
  }
}

void Log::say_due_repeats() const {
  try {
    say_each(repeats_->with([](Repeats& repeats) { return repeats.take_due(std::chrono::steady_clock::now()); }));
  } catch (const std::exception&) {
    queue_->drop();
  }
}

void Log::say_repeats() const {
  try {
    say_each(repeats_->with([](Repeats& repeats) { return repeats.take_all(std::chrono::steady_clock::now()); }));
  } catch (const std::exception&) {
    queue_->drop();
  }
}

void Log::say_each(const std::vector<Repeats::Summary>& summaries) const {
  for (const Repeats::Summary& summary : summaries) {
    const auto seconds = static_cast<std::uint64_t>(summary.seconds.count());
    write(summary.level, fmt::format("{}: repeated {} times in {} s", summary.message, summary.count, seconds),
          {{"code", LogValue::if_any(summary.code)}, {"repeated", summary.count}, {"seconds", seconds}}, {});
  }
}

void Log::fail(std::string_view message) const {
  if (format_ == LogFormat::json) return write(LogLevel::error, message, {}, {});
  try {
    queue_->add(fmt::format("{}: {}\n", kName, message_of(format_, message, {}, {}, {})));
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
  say_repeats();
  queue_->flush(at_most);
}

}  // namespace temperature::telemetry
