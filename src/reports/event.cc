#include "reports/event.h"

#include <fmt/format.h>
#include <sys/random.h>
#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <utility>

#include "base/json_text.h"
#include "base/utf8.h"

namespace temperature::reports {
namespace {

constexpr std::string_view kSdk = "temperature-service";
constexpr std::string_view kLeftOut = "[...]";

// Members of one JSON object, one after the other.
class Members {
 public:
  explicit Members(std::string& out) : out_(out) { out_.push_back('{'); }
  ~Members() { out_.push_back('}'); }
  Members(const Members&) = delete;
  Members& operator=(const Members&) = delete;

  Members& text(std::string_view name, std::string_view value) {
    if (!value.empty()) append_json_string(begin(name), value);
    return *this;
  }
  Members& number(std::string_view name, std::int64_t value) {
    append_json_number(begin(name), value);
    return *this;
  }
  Members& flag(std::string_view name, bool value) {
    begin(name) += value ? "true" : "false";
    return *this;
  }
  Members& address(std::string_view name, std::uint64_t value) {
    begin(name) += fmt::format("\"{:#x}\"", value);
    return *this;
  }
  // What follows is the member's value.
  std::string& begin(std::string_view name) {
    if (!first_) out_.push_back(',');
    first_ = false;
    append_json_string(out_, name);
    out_.push_back(':');
    return out_;
  }

 private:
  std::string& out_;
  bool first_ = true;
};

void append_sdk(std::string& out, const Origin& origin) {
  Members(out).text("name", kSdk).text("version", origin.version);
}

void append_contexts(std::string& out, const Origin& origin) {
  Members contexts(out);
  Members(contexts.begin("os")).text("type", "os").text("name", origin.system).text("kernel_version", origin.kernel);
  Members(contexts.begin("runtime")).text("type", "runtime").text("name", "C++").text("version", origin.compiler);
  Members(contexts.begin("app")).text("type", "app").text("app_name", kSdk).text("app_version", origin.version);
  Members(contexts.begin("device")).text("type", "device").text("arch", origin.machine);
}

void append_image(std::string& out, const Image& image) {
  Members(out)
      .text("type", "elf")
      .text("code_file", image.name)
      .text("code_id", image.build_id)
      .text("debug_id", image.build_id.empty() ? std::string() : debug_id_of(image.build_id))
      .address("image_addr", image.begin)
      .number("image_size", static_cast<std::int64_t>(image.size));
}

// Sentry wants the oldest call first.
void append_frames(std::string& out, const Crash& crash) {
  const std::vector<std::uint64_t> oldest_first(crash.frames.rbegin(), crash.frames.rend());
  append_json_array(out, oldest_first, [&](std::uint64_t address) {
    Members frame(out);
    frame.address("instruction_addr", address);
    const auto image = std::ranges::find_if(crash.images, [address](const Image& each) {
      return address >= each.begin && address - each.begin < each.size;
    });
    if (image != crash.images.end()) frame.text("package", image->name);
  });
}

void append_exception(std::string& out, const Crash& crash) {
  Members exception(out);
  exception.text("type", name_of_signal(crash.signal));
  exception.text("value", crash.reason.empty() ? "the process was ended by a signal" : crash.reason);
  {
    Members mechanism(exception.begin("mechanism"));
    mechanism.text("type", "signalhandler").flag("handled", false).flag("synthetic", true);
    Members meta(mechanism.begin("meta"));
    Members(meta.begin("signal"))
        .number("number", crash.signal)
        .number("code", crash.code)
        .text("name", name_of_signal(crash.signal));
  }
  Members stacktrace(exception.begin("stacktrace"));
  append_frames(stacktrace.begin("frames"), crash);
}

void append_crash(Members& event, const Crash& crash) {
  {
    Members exception(event.begin("exception"));
    const std::array<const Crash*, 1> one{&crash};
    std::string& out = exception.begin("values");
    append_json_array(out, one, [&out](const Crash* each) { append_exception(out, *each); });
  }
  Members debug(event.begin("debug_meta"));
  std::string& out = debug.begin("images");
  append_json_array(out, crash.images, [&out](const Image& image) { append_image(out, image); });
}

void append_payload(std::string& out, const Event& event, const Origin& origin) {
  Members members(out);
  members.text("event_id", event.id)
      .text("timestamp", format_timestamp(event.time))
      .text("platform", "native")
      .text("level", event.crash ? "fatal" : "error")
      .text("logger", event.crash ? "crash" : "log")
      .text("release", event.release)
      .text("environment", event.environment);
  if (!event.message.empty()) Members(members.begin("logentry")).text("message", event.message);
  if (!event.code.empty()) Members(members.begin("tags")).text("code", event.code);
  if (event.repeated > 0) Members(members.begin("extra")).number("left_out_repeats", event.repeated);
  append_contexts(members.begin("contexts"), origin);
  append_sdk(members.begin("sdk"), origin);
  if (event.crash) append_crash(members, *event.crash);
}

bool is_address_of_ip(std::string_view word) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const bool v4 = std::ranges::count(word, '.') == 3 && std::ranges::count_if(word, is_digit) >= 4;
  const bool v6 = std::ranges::count(word, ':') >= 2;
  return v4 || v6;
}

}  // namespace

Origin origin_of_this_process(std::string version) {
  Origin origin{.version = std::move(version), .system = {}, .kernel = {}, .machine = {}, .compiler = __VERSION__};
  utsname system{};
  if (::uname(&system) != 0) return origin;
  origin.system = static_cast<const char*>(system.sysname);
  origin.kernel = static_cast<const char*>(system.release);
  origin.machine = static_cast<const char*>(system.machine);
  return origin;
}

std::string new_event_id() {
  std::array<std::uint64_t, 2> drawn{};
  if (::getrandom(drawn.data(), sizeof drawn, 0) != static_cast<ssize_t>(sizeof drawn)) return {};
  return fmt::format("{:016x}{:016x}", drawn[0], drawn[1]);
}

std::string_view name_of_signal(int signal) {
  switch (signal) {
    case SIGSEGV:
      return "SIGSEGV";
    case SIGBUS:
      return "SIGBUS";
    case SIGILL:
      return "SIGILL";
    case SIGFPE:
      return "SIGFPE";
    case SIGABRT:
      return "SIGABRT";
    default:
      return "a signal";
  }
}

std::string encode_envelope(const Event& event, const Origin& origin, Timestamp sent) {
  std::string payload;
  append_payload(payload, event, origin);
  std::string envelope;
  {
    Members header(envelope);
    header.text("event_id", event.id).text("sent_at", format_timestamp(sent));
    append_sdk(header.begin("sdk"), origin);
  }
  envelope.push_back('\n');
  Members(envelope)
      .text("type", "event")
      .text("content_type", "application/json")
      .number("length", static_cast<std::int64_t>(payload.size()));
  envelope.push_back('\n');
  return envelope + payload + '\n';
}

std::string debug_id_of(std::string_view build_id) {
  constexpr std::size_t kDigits = 32;
  std::string digits(build_id.substr(0, kDigits));
  digits.resize(kDigits, '0');
  const auto byte = [&digits](std::size_t number) { return std::string_view(digits).substr(2 * number, 2); };
  return fmt::format("{}{}{}{}-{}{}-{}{}-{}-{}", byte(3), byte(2), byte(1), byte(0), byte(5), byte(4), byte(7), byte(6),
                     std::string_view(digits).substr(16, 4), std::string_view(digits).substr(20));
}

std::string without_personal_data(std::string_view message) {
  std::string out;
  std::string_view left = utf8_prefix(message, limits::kReportTextBytesMax);
  while (!left.empty()) {
    if (left.front() == '"') {
      const auto end = left.find('"', 1);
      left.remove_prefix(end == std::string_view::npos ? left.size() : end + 1);
      out += kLeftOut;
      continue;
    }
    const std::string_view word = left.substr(0, std::min(left.find_first_of(" \"", 1), left.size()));
    const std::string_view bare = word.substr(std::min(word.find_first_not_of(" ("), word.size()));
    const bool personal = bare.find_first_of("/\\@") != std::string_view::npos || is_address_of_ip(bare);
    out += personal ? word.substr(0, word.size() - bare.size()) : word;
    if (personal) out += kLeftOut;
    left.remove_prefix(word.size());
  }
  return out;
}

}  // namespace temperature::reports
