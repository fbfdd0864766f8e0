#pragma once

#include <chrono>
#include <cstddef>
#include <string_view>

namespace temperature::limits {

// Bytes of the line that a process says when it ends by itself; what is longer is cut off.
inline constexpr std::size_t kLastWordsBytesMax = 4'096;
// Bytes of the members that every line of JSON has, in that line; longer ones are left out of it.
inline constexpr std::size_t kLastWordsMembersMax = 512;
// Milliseconds that such a process waits for room on its standard error; then it ends without a word.
inline constexpr std::chrono::milliseconds kLastWordsWait{1'000};
// Bytes of the rule that did not hold, as the record of a crash has it; what is longer is cut off.
inline constexpr std::size_t kBrokenRuleBytesMax = 512;

}  // namespace temperature::limits

// What a process says on standard error when it must end and its log may not work any more: a broken rule of our own, a
// signal, no memory. One line, as the log writes them.
namespace temperature {

// Whether they are a JSON object or text, which they are at first. `members` are those that every object has at its
// end, as JSON with a comma before each; when they are too long for the line (limits::kLastWordsMembersMax) they are
// left out. Before there are other threads.
void say_last_words_as_json(bool json, std::string_view members = {});

// Both parts as one. Allocates nothing, takes no lock, waits a bounded time; a signal's handler may call it. What is
// not printable ASCII becomes a question mark; in JSON, quotes and backslashes become ' and /.
void say_last_words(std::string_view message, std::string_view more = {}) noexcept;

// The same, and ends the process by SIGABRT. Failed assertions of libraries end so, too. Both parts are written in the
// program, nothing in them was read or sent: broken_rule() has them, and is reported to others.
[[noreturn]] void end_with_last_words(std::string_view message, std::string_view more = {}) noexcept;

// What end_with_last_words() was told, cut off after limits::kBrokenRuleBytesMax bytes; empty before. A signal's
// handler may call it.
std::string_view broken_rule() noexcept;

}  // namespace temperature
