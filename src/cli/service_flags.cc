#include "cli/service_flags.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <mutex>

#include "base/sizes.h"
#include "base/trace_context.h"
#include "cli/choices.h"
#include "client/bounds.h"
#include "client/printable.h"

namespace temperature::cli {
namespace {

constexpr std::size_t kKeyBytesMax = 16 * limits::kKiB;
constexpr std::chrono::seconds kSayAgain{10};

constexpr const char* kUrlDefault = "http://127.0.0.1:8000";
constexpr const char* kUrlVariable = "TEMPERATURE_URL";
constexpr const char* kKeyVariable = "TEMPERATURE_KEY";
constexpr const char* kKeyFileVariable = "TEMPERATURE_KEY_FILE";
constexpr const char* kCaFileVariable = "TEMPERATURE_CA_FILE";
constexpr const char* kTraceparentVariable = "TRACEPARENT";
constexpr const char* kTracestateVariable = "TRACESTATE";
constexpr std::size_t kTracestateBytesMax = 512;  // what everybody hands on at least

std::optional<std::string> either(const std::optional<std::string>& flag, const char* name) {
  return flag ? flag : environment_variable(name);
}

// The work that this command is a part of, as whoever started it says (OpenTelemetry's "Environment Variables as
// Context Propagation Carriers"). What is not valid is as if it were not there. This command is no part of its own.
void add_trace(client::HttpTarget& target) {
  const auto parent = read_traceparent(environment_variable(kTraceparentVariable).value_or(""));
  if (!parent) return;
  target.traceparent = traceparent_text(*parent);
  const std::string state = environment_variable(kTracestateVariable).value_or("");
  const bool printable = std::ranges::all_of(state, [](char c) { return c >= ' ' && c <= '~'; });
  if (printable && state.size() <= kTracestateBytesMax) target.tracestate = state;
}

// An option that keeps an empty text apart from none.
void declare_text(CLI::App& command, const char* name, std::optional<std::string>& text, std::string help) {
  command.add_option_function<std::string>(name, [&text](const std::string& said) { text = said; }, std::move(help));
}

// Of several connections that wait for the same, one says so.
void say_once(const std::string& text) {
  static std::mutex mutex;
  static std::string last;
  static std::chrono::steady_clock::time_point last_said;
  const std::lock_guard lock(mutex);
  const auto now = std::chrono::steady_clock::now();
  if (text == last && now - last_said < kSayAgain) return;
  last = text;
  last_said = now;
  const bool terminal = ::isatty(STDERR_FILENO) == 1;  // there the line may be one of progress
  std::cerr << fmt::format("{}temperature-service: {}\n", terminal ? "\r\x1b[K" : "", client::printable(text))
            << std::flush;
}

Result<std::string> read_key(const std::string& path) {
  std::ifstream file(path);
  std::string key(kKeyBytesMax + 1, '\0');
  file.read(key.data(), static_cast<std::streamsize>(key.size()));
  key.resize(static_cast<std::size_t>(file.gcount()));
  if (!file.eof() || key.empty()) {
    return failure(ErrorCode::startup, fmt::format("cannot read a key from {}", path));
  }
  while (key.ends_with('\n') || key.ends_with('\r') || key.ends_with(' ')) key.pop_back();
  return key;
}

Result<std::string> check_key(std::optional<std::string> key, std::optional<std::string> key_file) {
  if (!key && !key_file) {
    key = environment_variable(kKeyVariable);
    key_file = environment_variable(kKeyFileVariable);
  }
  if (key_file && key_file->empty()) key_file.reset();
  if (!key_file) return key.value_or("");
  if (key && !key->empty()) {
    return failure(ErrorCode::usage,
                   fmt::format("give --key or --key-file ({}, {}), not both", kKeyVariable, kKeyFileVariable));
  }
  return read_key(*key_file);
}

void declare_url(CLI::App& command, ServiceFlags& flags) {
  declare_text(command, "--url", flags.url,
               fmt::format("the service's address; else {}, else {}", kUrlVariable, kUrlDefault));
}

constexpr auto kSecondsMax = static_cast<std::uint64_t>(client::kTimeoutMax.count());

void declare_trust_and_timeout(CLI::App& command, ServiceFlags& flags) {
  declare_text(command, "--ca-file", flags.ca_file,
               fmt::format("certificates (PEM) to trust instead of the system's; else {}", kCaFileVariable));
  command.add_option("--timeout", flags.timeout_s, "seconds in which a request must be answered")
      ->check(between(1, kSecondsMax))
      ->type_name("SECONDS")
      ->capture_default_str();
}

}  // namespace

// The environment is read here and not by CLI11 (Option::envname): that puts the variables into the options of every
// subcommand, chosen or not, and does not tell who said something.
std::optional<std::string> environment_variable(const char* name) {
  const char* text = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): there is one thread
  if (text == nullptr || *text == '\0') return std::nullopt;
  return text;
}

void declare_address(CLI::App& command, ServiceFlags& flags) {
  declare_url(command, flags);
  declare_trust_and_timeout(command, flags);
}

void declare_service(CLI::App& command, ServiceFlags& flags) {
  declare_url(command, flags);
  declare_text(command, "--key", flags.key, fmt::format("the key to send (better: --key-file); else {}", kKeyVariable));
  declare_text(command, "--key-file", flags.key_file, fmt::format("a file with that key; else {}", kKeyFileVariable));
  declare_trust_and_timeout(command, flags);
  command
      .add_option(
          "--retry-for", flags.retry_for_s,
          fmt::format("seconds for which a request that failed is tried again, 0: not at all; without it {} "
                      "until the service answered, {} afterwards",
                      client::kReachMax / std::chrono::seconds(1), client::kSilenceMax / std::chrono::seconds(1)))
      ->check(between(0, kSecondsMax))
      ->type_name("SECONDS");
}

Result<client::HttpTarget> check_service(const ServiceFlags& flags) {
  auto key = check_key(flags.key, flags.key_file);
  if (!key) return std::unexpected(std::move(key.error()));
  client::HttpTarget target{either(flags.url, kUrlVariable).value_or(kUrlDefault), std::move(*key),
                            either(flags.ca_file, kCaFileVariable).value_or(""), std::chrono::seconds(flags.timeout_s)};
  if (flags.retry_for_s != kRetryByItself) {
    target.retry_for = target.reach_for = std::chrono::seconds(flags.retry_for_s);
  }
  target.say = say_once;
  add_trace(target);
  return target;
}

client::HttpTarget address_target(const ServiceFlags& flags, const std::string& fallback) {
  client::HttpTarget target{either(flags.url, kUrlVariable).value_or(fallback.empty() ? kUrlDefault : fallback), "",
                            either(flags.ca_file, kCaFileVariable).value_or(""), std::chrono::seconds(flags.timeout_s)};
  target.retry_for = target.reach_for = Duration(0);
  return target;
}

bool names_address(const ServiceFlags& flags) {
  return either(flags.url, kUrlVariable).has_value();
}

std::vector<std::string> service_variables() {
  return {kUrlVariable, kKeyVariable, kKeyFileVariable, kCaFileVariable};
}

void declare_json(CLI::App& command, bool& json) {
  command.add_flag("--json", json, "JSON, for programs; on a terminal it is text otherwise");
}

bool for_a_person(bool json) {
  return !json && ::isatty(STDOUT_FILENO) == 1;
}

}  // namespace temperature::cli
