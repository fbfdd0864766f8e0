#include "base/last_words.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cassert>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace temperature {
namespace {

static_assert(limits::kLastWordsBytesMax <= PIPE_BUF, "or a pipe that has room may still block");

std::atomic<bool> as_json{false};

// The first thread's alone: others may break rules at the same time.
std::atomic_flag rule_taken;
std::array<char, limits::kBrokenRuleBytesMax> rule;
std::atomic<std::size_t> rule_bytes{0};

void keep_rule(std::string_view message, std::string_view more) noexcept {
  if (rule_taken.test_and_set()) return;
  std::size_t used = message.copy(rule.data(), rule.size());
  used += more.copy(rule.data() + used, rule.size() - used);
  rule_bytes.store(used, std::memory_order_release);
}

// The end of each object. Written before there are threads, and read afterwards.
constexpr std::string_view kBrace = "}\n";
std::array<char, 1 + limits::kLastWordsMembersMax + kBrace.size()> json_end{'"', '}', '\n'};
std::size_t json_end_bytes = 1 + kBrace.size();

// A line of bounded length; what does not fit is left out.
class Line {
 public:
  void add(char c) {
    if (used_ < bytes_.size() - json_end.size()) bytes_[used_++] = c;
  }
  void add(std::string_view text) {
    for (const char c : text) add(c);
  }
  void add_number(std::uint64_t number, int digits) {
    std::uint64_t unit = 1;
    for (int i = 1; i < digits; ++i) unit *= 10;
    for (; unit > 0; unit /= 10) add(static_cast<char>('0' + number / unit % 10));
  }
  // Whole, however long the line is.
  std::string_view ended(bool json) {
    for (const char c : json ? std::string_view(json_end.data(), json_end_bytes) : "\n") bytes_[used_++] = c;
    return {bytes_.data(), used_};
  }

 private:
  std::array<char, limits::kLastWordsBytesMax> bytes_{};
  std::size_t used_ = 0;
};

void add_time(Line& line) {
  using std::chrono::floor;
  const auto now = floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  const auto day = floor<std::chrono::days>(now);
  const std::chrono::year_month_day date(day);
  const auto milliseconds = static_cast<std::uint64_t>((now - day).count());
  line.add_number(static_cast<std::uint64_t>(static_cast<int>(date.year())), 4);
  line.add('-');
  line.add_number(static_cast<unsigned>(date.month()), 2);
  line.add('-');
  line.add_number(static_cast<unsigned>(date.day()), 2);
  line.add('T');
  line.add_number(milliseconds / 3'600'000, 2);
  line.add(':');
  line.add_number(milliseconds / 60'000 % 60, 2);
  line.add(':');
  line.add_number(milliseconds / 1'000 % 60, 2);
  line.add('.');
  line.add_number(milliseconds % 1'000, 3);
  line.add('Z');
}

}  // namespace

void say_last_words_as_json(bool json, std::string_view members) {
  if (members.size() > limits::kLastWordsMembersMax) members = {};
  json_end_bytes = 1;  // behind the quote
  for (const std::string_view part : {members, kBrace}) {
    std::ranges::copy(part, json_end.begin() + static_cast<std::ptrdiff_t>(json_end_bytes));
    json_end_bytes += part.size();
  }
  as_json.store(json, std::memory_order_release);
}

void say_last_words(std::string_view message, std::string_view more) noexcept {
  const bool json = as_json.load(std::memory_order_acquire);
  Line line;
  if (json) {
    line.add(R"({"time":")");
    add_time(line);
    line.add(R"(","timestamp":")");
  }
  add_time(line);
  line.add(json ? R"(","level":"error","message":")" : " error ");
  for (const std::string_view part : {message, more}) {
    for (const char c : part) {
      if (json && (c == '"' || c == '\\')) {
        line.add(c == '"' ? '\'' : '/');  // an escape could be cut in two
      } else {
        line.add(c >= 0x20 && c < 0x7f ? c : '?');
      }
    }
  }
  pollfd room{STDERR_FILENO, POLLOUT, 0};
  if (::poll(&room, 1, static_cast<int>(limits::kLastWordsWait.count())) != 1) return;
  const std::string_view ended = line.ended(json);
  static_cast<void>(::write(STDERR_FILENO, ended.data(), ended.size()));
}

void end_with_last_words(std::string_view message, std::string_view more) noexcept {
  keep_rule(message, more);
  say_last_words(message, more);
  std::abort();
}

std::string_view broken_rule() noexcept {
  return {rule.data(), rule_bytes.load(std::memory_order_acquire)};
}

}  // namespace temperature

// Of the libraries, too, which would write to standard error past the log.
// NOLINTNEXTLINE(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp)
extern "C" void __assert_fail(const char* assertion, const char* /*file*/, unsigned /*line*/,
                              const char* /*function*/) noexcept {
  temperature::end_with_last_words("an assertion failed: ", assertion);
}
