#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace temperature::limits {

// Bytes of an error report's text, and of a crash's reason; the rest is cut off.
inline constexpr std::size_t kReportTextBytesMax = 1'024;

}  // namespace temperature::limits

namespace temperature::reports {

// A program or library in memory.
struct Image {
  std::string name;         // of its file, without the folder
  std::uint64_t begin = 0;  // address of its first byte
  std::uint64_t size = 0;   // bytes
  std::string build_id;     // hexadecimal; empty: it has none
  bool operator==(const Image&) const = default;
};

// What ended a process.
struct Crash {
  int signal = 0;
  int code = 0;                       // si_code
  std::string reason;                 // of a rule of the program's own that did not hold; empty: none
  std::vector<Image> images;          // the program, and what else the frames lie in
  std::vector<std::uint64_t> frames;  // instruction addresses, the last call first
  bool operator==(const Crash&) const = default;
};

// One report: an error that the log has, or a crash.
struct Event {
  std::string id;  // 32 hexadecimal digits
  Timestamp time{};
  std::string release;
  std::string environment;     // empty: not said
  std::string message;         // the program's own words
  std::string code;            // of the error (base/error.h); empty: none
  std::uint32_t repeated = 0;  // how often the same was left out before it
  std::optional<Crash> crash;
};

// Of the machine and of this build, the same in every report. No name of the machine and no address.
struct Origin {
  std::string version;  // of this program
  std::string system;   // "Linux"
  std::string kernel;   // "6.1.0-18-amd64"
  std::string machine;  // "x86_64"
  std::string compiler;
};

// Of this process.
Origin origin_of_this_process(std::string version);

// A new one at random; empty where the system has none to give.
std::string new_event_id();

// "SIGSEGV"; "a signal" of one that is not known. Safe in a signal's handler.
std::string_view name_of_signal(int signal);

// An envelope with one event (develop.sentry.dev/sdk/foundations/transport/envelopes), of which the payload is that of
// develop.sentry.dev/sdk/foundations/transport/event-payloads.
std::string encode_envelope(const Event& event, const Origin& origin, Timestamp sent);

// An ELF build id as Sentry names the file of symbols that belongs to it: its first 16 bytes as a little-endian GUID.
// Both hexadecimal; a shorter build id is filled with zeros.
std::string debug_id_of(std::string_view build_id);

// A line of the log without what may be somebody's: words with a slash, a backslash or an @ in them, text in quotes,
// and addresses of IP become "[...]". The program's own lines have few of these; it is the second lock behind the
// first, that a line's fields are not reported.
std::string without_personal_data(std::string_view message);

}  // namespace temperature::reports
