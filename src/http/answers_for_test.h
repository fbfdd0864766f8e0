#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"

// A client's side of HTTP/1.1 that forgives nothing: it shares no code with the server, so that the two can be held
// against each other. What an answer must not be ends the process by CHECK.
namespace temperature::http {

struct Answer {
  int status = 0;
  std::map<std::string, std::string> fields;  // names in lower case; each stands once
  std::string body;
  bool whole = false;     // false: the connection ended before the answer did
  bool unending = false;  // only the connection's end says where the body's is (RFC 9112, section 6.3): HTTP/1.0

  [[nodiscard]] bool closes() const { return says("connection", "close"); }
  [[nodiscard]] bool says(const std::string& name, std::string_view value) const {
    const auto found = fields.find(name);
    return found != fields.end() && found->second == value;
  }
};

class AnswerReader {
 public:
  explicit AnswerReader(std::string_view bytes) : rest_(bytes) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }

  // The next answer's status line and fields. Not `whole`: the bytes end within.
  Answer head() {
    Answer answer;
    std::string_view line;
    if (!take_line(line)) return answer;
    // RFC 9112, section 4: HTTP-version SP 3DIGIT SP [ reason-phrase ]
    CHECK(line.starts_with("HTTP/1.1 ") && line.size() > 12 && line[12] == ' ');
    const auto [stop, error] = std::from_chars(line.data() + 9, line.data() + 12, answer.status);
    CHECK(error == std::errc() && stop == line.data() + 12 && answer.status >= 100 && answer.status < 600);
    CHECK(std::ranges::all_of(line.substr(13), is_visible));
    while (take_line(line)) {
      answer.whole = line.empty();
      if (answer.whole) return answer;
      add_field(line, answer);
    }
    return answer;
  }

  // Reads the body behind a head that is whole; `of_head`: the request was a HEAD, whose answer has none.
  void body(Answer& answer, bool of_head) {
    const auto length = answer.fields.find("content-length");
    const bool chunked = answer.fields.contains("transfer-encoding");
    CHECK(!chunked || answer.says("transfer-encoding", "chunked"));
    if (answer.status == 204 || answer.status == 304 || answer.status < 200) {
      CHECK(!chunked && length == answer.fields.end());
      return;
    }
    CHECK(!chunked || length == answer.fields.end());
    answer.unending = !chunked && length == answer.fields.end();
    CHECK(!answer.unending || answer.closes());
    if (of_head) return;
    if (answer.unending) {
      take(rest_.size(), answer.body);
      return;
    }
    answer.whole = chunked ? take_chunks(answer.body) : take(number(length->second, 10), answer.body);
  }

  [[nodiscard]] bool goes_on_with(std::string_view text) const { return rest_.starts_with(text); }

 private:
  static bool is_visible(char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7F; }
  static bool is_of_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  }
  static char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

  static std::size_t number(std::string_view text, int base) {
    std::size_t read = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), read, base);
    CHECK(error == std::errc() && stop == text.data() + text.size());
    return read;
  }

  // A line that ends with CRLF, and has no other CR or LF.
  bool take_line(std::string_view& line) {
    const std::size_t end = rest_.find("\r\n");
    if (end == std::string_view::npos) {
      rest_ = {};
      return false;
    }
    line = rest_.substr(0, end);
    CHECK(!line.contains('\r') && !line.contains('\n'));
    rest_.remove_prefix(end + 2);
    return true;
  }

  static void add_field(std::string_view line, Answer& answer) {
    const std::size_t colon = line.find(": ");
    CHECK(colon != std::string_view::npos && colon > 0);
    std::string name(line.substr(0, colon));
    CHECK(std::ranges::all_of(name, is_of_name));
    std::ranges::transform(name, name.begin(), lower);
    const std::string_view value = line.substr(colon + 2);
    CHECK(std::ranges::all_of(value, is_visible));
    CHECK(answer.fields.emplace(std::move(name), value).second);
  }

  bool take(std::size_t count, std::string& out) {
    const std::string_view taken = rest_.substr(0, count);
    out += taken;
    rest_.remove_prefix(taken.size());
    return taken.size() == count;
  }

  bool take_chunks(std::string& out) {
    std::string_view line;
    while (take_line(line)) {
      const std::size_t size = number(line, 16);
      if (size > 0 && !take(size, out)) return false;
      if (!take_line(line)) return false;
      CHECK(line.empty());
      if (size == 0) return true;
    }
    return false;
  }

  std::string_view rest_;
};

// All answers of a connection. `of_head` says whether the answer with that head is to a HEAD request.
template <class OfHead>
std::vector<Answer> read_answers(std::string_view bytes, OfHead of_head) {
  std::vector<Answer> answers;
  AnswerReader reader(bytes);
  while (!reader.at_end()) {
    Answer answer = reader.head();
    if (answer.whole) reader.body(answer, of_head(answer, reader));
    answers.push_back(std::move(answer));
  }
  return answers;
}

}  // namespace temperature::http
