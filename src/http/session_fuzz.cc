#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "http/answers_for_test.h"
#include "http/conversation_for_test.h"
#include "http/message.h"
#include "http/requests_for_test.h"
#include "http/router.h"

// A whole session over a pair of sockets: any bytes, or requests made from them, as what a client sends. However they
// are cut into pieces the same requests are handled, each is answered once and in order, every answer is whole and well
// formed, and the session ends. What a client does beside sending (it leaves, it waits too long) ends it, too.
//
// An input that begins with kMade is what requests are made from; any other is sent as it is. With SHOW_REQUESTS in the
// environment, what was read of those that are sent as they are goes to stderr, as a line of JSON for each input.
namespace temperature::http {
namespace {

constexpr std::uint8_t kMade = 0xFF;  // begins no request

// What came of a connection.
struct Outcome {
  std::vector<Handled> handled;
  std::vector<Answer> answers;  // without those that say "100 Continue"
  std::size_t continued = 0;
};

std::size_t number_of(const Answer& answer) {
  const auto found = answer.fields.find("x-number");
  return found == answer.fields.end() ? 0 : std::stoul(found->second);
}

// Reads the answers. `cut`: the connection ended otherwise than by what was sent, so that the last one may be missing.
Outcome outcome_of(const Conversation& conversation, bool cut) {
  Outcome outcome{.handled = world().door.take(), .answers = {}};
  const auto of_head = [&outcome](const Answer& answer, const AnswerReader& reader) {
    const std::size_t number = number_of(answer);
    CHECK(number <= outcome.handled.size());
    if (number > 0) return outcome.handled[number - 1].method == Method::head;
    // One that no door knows of: an error's body begins with "{", and what may follow it does not.
    return answer.fields.contains("content-length") && !reader.goes_on_with("{");
  };
  outcome.answers = read_answers(conversation.heard(), of_head);
  outcome.continued = std::erase_if(outcome.answers, [](const Answer& answer) { return answer.status == 100; });
  std::size_t answered = 0;
  for (std::size_t i = 0; i < outcome.answers.size(); ++i) {
    const Answer& answer = outcome.answers[i];
    const bool last = i + 1 == outcome.answers.size();
    CHECK(last || (answer.whole && !answer.closes()));
    const std::size_t number = number_of(answer);
    CHECK(number == 0 || number == ++answered);
    if (number == 0) CHECK(cut || answer.whole);
    if (number == 0) continue;
    const Handled& request = outcome.handled[number - 1];
    const std::string wanted = request.method == Method::head ? "" : EchoDoor::whole(request);
    const bool may_be_cut = cut || request.path.ends_with("/broken");
    if (answer.whole && !answer.unending) CHECK(answer.body == wanted);
    if (answer.unending) CHECK(request.path.contains("/pieces") || request.path.contains("/broken"));
    CHECK(may_be_cut || (answer.whole && answer.body == wanted));
    CHECK(answer.status == 200);
  }
  CHECK(cut || answered == outcome.handled.size());
  return outcome;
}

std::size_t count_of(std::string_view word, std::string_view bytes) {
  std::size_t count = 0;
  for (std::size_t at = bytes.find(word); at != std::string_view::npos; at = bytes.find(word, at + 1)) ++count;
  return count;
}

// However it is read: each request has a version, each body was sent.
void check_bounds(std::string_view bytes, const Outcome& outcome) {
  const std::size_t versions = count_of("HTTP/1.", bytes);
  CHECK(outcome.handled.size() <= versions);
  CHECK(outcome.continued <= versions);
  CHECK(outcome.answers.size() <= versions + 1);
}

// Without a refusal of what cannot be read: when bytes end within a broken head, it depends on the cuts whether that
// was seen before.
std::vector<int> statuses(const Outcome& outcome) {
  std::vector<int> found;
  for (const Answer& answer : outcome.answers) found.push_back(answer.status);
  if (!found.empty() && (found.back() == 400 || found.back() == 431) && outcome.answers.back().closes())
    found.pop_back();
  return found;
}

Outcome in_one_piece(std::string_view bytes) {
  Conversation conversation;
  conversation.send(bytes);
  conversation.finish();
  return outcome_of(conversation, false);
}

// The bytes decide where they are cut, and what else happens: mostly nothing.
void in_pieces(std::string_view bytes, const Outcome& whole) {
  constexpr std::size_t kCutsMax = 6;
  constexpr std::size_t kLeaves = 0, kWaits = 1, kDrains = 2, kEvents = 16;
  std::minstd_rand random(static_cast<unsigned>(std::hash<std::string_view>()(bytes)));
  const auto below = [&random](std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound)(random);
  };
  std::array<std::size_t, kCutsMax> cuts{};
  for (std::size_t& cut : cuts) cut = below(bytes.size());
  std::ranges::sort(cuts);
  const std::size_t event = below(kEvents);
  const std::size_t when = below(kCutsMax - 1);
  Conversation conversation;
  std::size_t sent = 0;
  for (std::size_t i = 0; i < kCutsMax; ++i) {
    if (cuts[i] > sent && !conversation.send(bytes.substr(sent, cuts[i] - sent))) break;
    sent = cuts[i];
    if (i != when) continue;
    if (event == kLeaves) conversation.leave();
    if (event == kWaits) conversation.take_too_long();
    if (event == kDrains) conversation.drain();
    if (event == kLeaves) break;
  }
  if (event != kLeaves) {
    conversation.send(bytes.substr(sent));
    conversation.finish();
  }
  const bool cut = event <= kDrains;
  const Outcome outcome = outcome_of(conversation, cut);
  check_bounds(bytes, outcome);
  if (cut) {
    CHECK(outcome.handled.size() <= whole.handled.size());
    CHECK(std::equal(outcome.handled.begin(), outcome.handled.end(), whole.handled.begin()));
    return;
  }
  CHECK(outcome.handled == whole.handled);
  CHECK(statuses(outcome) == statuses(whole));
}

void check_made(const MadeRequests& made, const Outcome& outcome) {
  CHECK(outcome.answers.size() == made.read.size());
  auto handled = outcome.handled.begin();
  for (std::size_t i = 0; i < made.read.size(); ++i) {
    const MadeRequest& wanted = made.read[i];
    CHECK(outcome.answers[i].status == (wanted.refused ? 401 : 200));
    CHECK(outcome.answers[i].closes() == (made.ended && i + 1 == made.read.size()));
    CHECK(!wanted.http_1_0 || !outcome.answers[i].fields.contains("transfer-encoding"));
    if (wanted.refused) continue;
    CHECK(method_name(handled->method) == wanted.method && handled->path == wanted.path);
    CHECK(handled->body == wanted.body);
    ++handled;
  }
  CHECK(handled == outcome.handled.end());
}

void show(const Outcome& outcome) {
  std::string line;
  for (const Answer& answer : outcome.answers) {
    const std::size_t number = number_of(answer);
    line += fmt::format(R"({}{{"status":{},"closes":{})", line.empty() ? "" : ",", answer.status, answer.closes());
    if (number > 0) {
      const Handled& request = outcome.handled[number - 1];
      line += fmt::format(R"(,"method":"{}","body":")", method_name(request.method));
      for (const char c : request.body) line += fmt::format("{:02x}", static_cast<unsigned char>(c));
      line += '"';
    }
    line += "}";
  }
  std::fprintf(stderr, "[%s]\n", line.c_str());
}

}  // namespace
}  // namespace temperature::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace temperature::http;
  static const bool shown = std::getenv("SHOW_REQUESTS") != nullptr;
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const bool made = size > 0 && data[0] == kMade;
  MadeRequests requests;
  if (made) requests = RequestMaker(bytes.substr(1)).make();
  if (made) bytes = requests.bytes;
  const Outcome whole = in_one_piece(bytes);
  check_bounds(bytes, whole);
  if (made) check_made(requests, whole);
  if (shown && !made) show(whole);
  in_pieces(bytes, whole);
  return 0;
}
