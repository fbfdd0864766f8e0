#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/sizes.h"
#include "base/time.h"
#include "reports/event.h"

namespace temperature::limits {

// Calls of a crash that are noted; the oldest of more are left out.
inline constexpr std::size_t kCrashFramesMax = 64;
// Bytes of the record of a crash; what is longer is cut off when it is written, and unusable when it is read.
inline constexpr std::size_t kCrashRecordBytesMax = 16 * kKiB;

}  // namespace temperature::limits

// The record of a crash: docs/formats/crash.md draws it.
namespace temperature::reports {

// What the address was that could not be accessed.
enum class FaultAddress : std::uint8_t { none, near_null, other };

// As it is read back.
struct CrashRecord {
  Timestamp time{};
  std::string release;
  std::string environment;  // empty: not said
  FaultAddress address = FaultAddress::none;
  Crash crash;
};

// Writes one, in a signal's handler: allocates nothing, takes no lock, calls nothing.
class CrashRecordWriter {
 public:
  CrashRecordWriter() { add("temperature-service crash 1\n"); }

  // "NAME TEXT\n": what is not printable ASCII becomes a question mark. An empty text is left out.
  void text(std::string_view name, std::string_view text);
  void number(std::string_view name, std::int64_t number);
  void address(FaultAddress address);
  // Its name without blanks, which become "_".
  void image(std::string_view name, std::uint64_t begin, std::uint64_t size, std::string_view build_id);
  void frame(std::uint64_t address);
  // Adds the last line. Lives as long as the writer.
  [[nodiscard]] std::string_view finished();

 private:
  void add(char c);
  void add(std::string_view text);
  void add_printable(std::string_view text, bool blanks);
  void add_hexadecimal(std::uint64_t number);
  void begin_line() { line_ = used_; }
  void end_line();

  std::array<char, limits::kCrashRecordBytesMax> bytes_{};
  std::size_t used_ = 0;
  std::size_t line_ = 0;  // where the line under way begins: one that does not fit is left out whole
};

// nullopt: it was cut, is damaged, or is something else.
std::optional<CrashRecord> decode_crash_record(std::string_view bytes);

// "temperature-service+0x1234 libc.so.6+0x3af0": where the last calls were, as addr2line takes it; `count` at most.
std::string places_of(const Crash& crash, std::size_t count);

}  // namespace temperature::reports
