#include "reports/crash_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/crc32c.h"

namespace temperature::reports {
namespace {

constexpr std::string_view kFirstLine = "temperature-service crash 1\n";
constexpr std::size_t kEndBytes = std::string_view("end 01234567\n").size();
constexpr std::size_t kBuildIdDigitsMax = 128;
constexpr std::string_view kAddresses[] = {"none", "null", "other"};

char digit_of(std::uint64_t number) {
  return "0123456789abcdef"[number & 0xfU];
}

// The next word of a line, and the blank behind it, are taken off.
std::string_view next_word(std::string_view& line) {
  const std::string_view word = line.substr(0, line.find(' '));
  line.remove_prefix(std::min(line.size(), word.size() + 1));
  return word;
}

template <class Number>
bool read_number(std::string_view text, Number& number, int base) {
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  return error == std::errc() && stop == text.data() + text.size();
}

bool read_image(std::string_view line, Crash& crash) {
  Image image;
  image.name = next_word(line);
  const bool numbers = read_number(next_word(line), image.begin, 16) && read_number(next_word(line), image.size, 16);
  const std::string_view build_id = next_word(line);
  if (build_id != "-") image.build_id = build_id;
  const bool good = numbers && !build_id.empty() && line.empty() && !image.name.empty() &&
                    image.build_id.size() <= kBuildIdDigitsMax &&
                    image.build_id.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (good) crash.images.push_back(std::move(image));
  return good;
}

// False: no record of this format has such a line.
bool read_line(std::string_view line, CrashRecord& record) {
  const std::string_view name = next_word(line);
  Crash& crash = record.crash;
  if (name == "release") return record.release = line, true;
  if (name == "environment") return record.environment = line, true;
  if (name == "reason") return crash.reason = line, true;
  if (name == "signal") return read_number(line, crash.signal, 10);
  if (name == "code") return read_number(line, crash.code, 10);
  if (name == "image") return crash.images.size() < limits::kCrashFramesMax && read_image(line, crash);
  if (name == "time") {
    std::int64_t milliseconds = 0;
    if (!read_number(line, milliseconds, 10)) return false;
    record.time = timestamp_from_ms(milliseconds);
    return true;
  }
  if (name == "address") {
    const auto known = std::ranges::find(kAddresses, line);
    if (known == std::end(kAddresses)) return false;
    record.address = static_cast<FaultAddress>(known - std::begin(kAddresses));
    return true;
  }
  if (name == "frame") {
    std::uint64_t address = 0;
    if (crash.frames.size() == limits::kCrashFramesMax || !read_number(line, address, 16)) return false;
    crash.frames.push_back(address);
    return true;
  }
  return false;
}

}  // namespace

void CrashRecordWriter::add(char c) {
  if (used_ < bytes_.size()) bytes_[used_++] = c;
}

void CrashRecordWriter::add(std::string_view text) {
  for (const char c : text) add(c);
}

void CrashRecordWriter::add_printable(std::string_view text, bool blanks) {
  for (const char c : text.substr(0, limits::kReportTextBytesMax)) {
    add(c == ' ' && !blanks ? '_' : (c >= ' ' && c < 0x7f ? c : '?'));
  }
}

void CrashRecordWriter::add_hexadecimal(std::uint64_t number) {
  unsigned shift = 60;
  while (shift > 0 && (number >> shift) == 0) shift -= 4;
  for (;; shift -= 4) {
    add(digit_of(number >> shift));
    if (shift == 0) return;
  }
}

void CrashRecordWriter::end_line() {
  if (used_ + 1 + kEndBytes > bytes_.size()) {
    used_ = line_;
  } else {
    add('\n');
  }
}

void CrashRecordWriter::text(std::string_view name, std::string_view text) {
  if (text.empty()) return;
  begin_line();
  add(name);
  add(' ');
  add_printable(text, /*blanks=*/true);
  end_line();
}

void CrashRecordWriter::number(std::string_view name, std::int64_t number) {
  begin_line();
  add(name);
  add(' ');
  if (number < 0) add('-');
  auto rest = number < 0 ? ~static_cast<std::uint64_t>(number) + 1 : static_cast<std::uint64_t>(number);
  std::array<char, 20> digits{};
  std::size_t count = 0;
  do {
    digits[count++] = digit_of(rest % 10);
    rest /= 10;
  } while (rest > 0);
  while (count > 0) add(digits[--count]);
  end_line();
}

void CrashRecordWriter::address(FaultAddress address) {
  text("address", kAddresses[static_cast<std::size_t>(address)]);
}

void CrashRecordWriter::image(std::string_view name, std::uint64_t begin, std::uint64_t size,
                              std::string_view build_id) {
  begin_line();
  add("image ");
  add_printable(name, /*blanks=*/false);
  add(' ');
  add_hexadecimal(begin);
  add(' ');
  add_hexadecimal(size);
  add(' ');
  add(build_id.empty() ? std::string_view("-") : build_id);
  end_line();
}

void CrashRecordWriter::frame(std::uint64_t address) {
  begin_line();
  add("frame ");
  add_hexadecimal(address);
  end_line();
}

std::string_view CrashRecordWriter::finished() {
  const std::uint32_t checksum = crc32c({bytes_.data(), used_});
  add("end ");
  for (unsigned shift = 32; shift > 0; shift -= 4) add(digit_of(checksum >> (shift - 4)));
  add('\n');
  return {bytes_.data(), used_};
}

std::optional<CrashRecord> decode_crash_record(std::string_view bytes) {
  if (bytes.size() > limits::kCrashRecordBytesMax || bytes.size() < kEndBytes || !bytes.starts_with(kFirstLine)) {
    return std::nullopt;
  }
  std::string_view lines = bytes.substr(0, bytes.size() - kEndBytes);
  if (bytes.substr(lines.size()) != fmt::format("end {:08x}\n", crc32c(lines)) || !lines.ends_with('\n')) {
    return std::nullopt;
  }
  lines.remove_prefix(kFirstLine.size());
  CrashRecord record;
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    if (!read_line(line, record)) return std::nullopt;
    lines.remove_prefix(line.size() + 1);
  }
  if (record.crash.signal <= 0) return std::nullopt;
  return record;
}

std::string places_of(const Crash& crash, std::size_t count) {
  std::string out;
  for (const std::uint64_t address : crash.frames) {
    if (count-- == 0) break;
    const auto image = std::ranges::find_if(crash.images, [address](const Image& each) {
      return address >= each.begin && address - each.begin < each.size;
    });
    if (!out.empty()) out.push_back(' ');
    out += image == crash.images.end() ? fmt::format("{:#x}", address)
                                       : fmt::format("{}+{:#x}", image->name, address - image->begin);
  }
  return out;
}

}  // namespace temperature::reports
