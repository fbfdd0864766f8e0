#include "base/trace_context.h"

#include <fmt/format.h>
#include <sys/random.h>

#include <bit>
#include <chrono>
#include <cstddef>

namespace temperature {
namespace {

constexpr std::size_t kVersionDigits = 2;
constexpr std::size_t kTraceDigits = 32;
constexpr std::size_t kSpanDigits = 16;
constexpr std::size_t kFlagsDigits = 2;
constexpr std::size_t kBytes = kVersionDigits + 1 + kTraceDigits + 1 + kSpanDigits + 1 + kFlagsDigits;
constexpr std::uint64_t kVersionForbidden = 0xff;
constexpr std::uint64_t kSampled = 1;

// Takes a number of so many small hexadecimal digits from the front; 16 at most. False: something else stands there.
bool take_digits(std::string_view& text, std::size_t digits, std::uint64_t& number) {
  if (text.size() < digits) return false;
  number = 0;
  for (const char c : text.substr(0, digits)) {
    const bool decimal = c >= '0' && c <= '9';
    if (!decimal && (c < 'a' || c > 'f')) return false;
    number = number << 4U | static_cast<std::uint64_t>(decimal ? c - '0' : c - 'a' + 10);
  }
  text.remove_prefix(digits);
  return true;
}

bool take_dash(std::string_view& text) {
  if (!text.starts_with('-')) return false;
  text.remove_prefix(1);
  return true;
}

// xoshiro256** 1.0 (Blackman, Vigna: https://prng.di.unimi.it). Ids must not meet, and need not be secret.
class Numbers {
 public:
  Numbers() {
    if (::getrandom(state_.data(), sizeof state_, GRND_NONBLOCK) == static_cast<ssize_t>(sizeof state_)) return;
    // Early after the start of a machine: the time and the place of this thread's numbers have to do.
    const auto now = static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count());
    state_ = {now, reinterpret_cast<std::uintptr_t>(this), ~now, 1};
    for (int i = 0; i < 20; ++i) next();
  }

  // Never 0.
  std::uint64_t id() {
    while (true) {
      if (const std::uint64_t number = next(); number != 0) return number;
    }
  }

 private:
  std::uint64_t next() {
    const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17U;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  std::array<std::uint64_t, 4> state_{};
};

std::uint64_t new_id() {
  thread_local Numbers numbers;
  return numbers.id();
}

}  // namespace

std::optional<TraceIds> read_traceparent(std::string_view text) {
  const bool longer = text.size() > kBytes;
  TraceIds ids;
  std::uint64_t version = 0;
  std::uint64_t flags = 0;
  const bool read = take_digits(text, kVersionDigits, version) && take_dash(text) &&
                    take_digits(text, kSpanDigits, ids.trace[0]) && take_digits(text, kSpanDigits, ids.trace[1]) &&
                    take_dash(text) && take_digits(text, kSpanDigits, ids.span) && take_dash(text) &&
                    take_digits(text, kFlagsDigits, flags);
  if (!read || version == kVersionForbidden || ids.span == 0) return std::nullopt;
  if (ids.trace[0] == 0 && ids.trace[1] == 0) return std::nullopt;
  if (longer && (version == 0 || !text.starts_with('-'))) return std::nullopt;
  ids.sampled = (flags & kSampled) != 0;
  return ids;
}

TraceIds child_of(const TraceIds& parent) {
  TraceIds ids = parent;
  ids.span = new_id();
  return ids;
}

TraceIds new_trace() {
  return {.trace = {new_id(), new_id()}, .span = new_id(), .sampled = false};
}

std::string trace_id_text(const TraceIds& ids) {
  return fmt::format("{:016x}{:016x}", ids.trace[0], ids.trace[1]);
}

std::string span_id_text(const TraceIds& ids) {
  return fmt::format("{:016x}", ids.span);
}

std::string traceparent_text(const TraceIds& ids) {
  return fmt::format("00-{:016x}{:016x}-{:016x}-{:02x}", ids.trace[0], ids.trace[1], ids.span, ids.sampled ? 1 : 0);
}

}  // namespace temperature
