#include "telemetry/log.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <climits>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/descriptor.h"

namespace temperature::telemetry {
namespace {

// A line that forges another one, colours it, and turns the direction of writing: each kind of character that may.
const std::string kHostile =
    "a\n2026-01-01T00:00:00.000Z error forged\r\t\x1b[31m\x7f"
    "\xc2\x85\xc2\x9b"
    "31m\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xae\xe2\x81\xa6\xff\"\\";

std::string said(LogFormat format, const std::function<void(const Log&)>& say, LogLevel level = LogLevel::info) {
  ::testing::internal::CaptureStderr();
  {
    const Log log(format, level);
    say(log);
  }
  return ::testing::internal::GetCapturedStderr();
}

TEST(Log, writes_a_line_of_text) {
  const std::string line = said(LogFormat::text, [](const Log& log) { log.warn("it is late", {{"hour", "12"}}); });
  EXPECT_TRUE(line.ends_with("Z warning it is late hour=12\n")) << line;
}

TEST(Log, says_why_nothing_is_done_as_all_commands_do) {
  const auto fail = [](const Log& log) { log.fail("the port\nis taken"); };
  EXPECT_EQ(said(LogFormat::text, fail), "temperature-service: the port\\nis taken\n");
  EXPECT_EQ(said(LogFormat::text, fail, LogLevel::error), said(LogFormat::text, fail));
  EXPECT_NE(said(LogFormat::json, fail).find(R"("level":"error","message":"the port\nis taken"})"), std::string::npos);
}

TEST(Log, writes_an_object_of_json) {
  const std::string line = said(LogFormat::json, [](const Log& log) { log.note("it is late", {{"hour", "1\"2"}}); });
  EXPECT_TRUE(line.ends_with(R"(Z","level":"info","message":"it is late","hour":"1\"2"})"
                             "\n"))
      << line;
}

TEST(Log, text_of_others_makes_no_line_and_nothing_that_a_terminal_obeys) {
  const std::string line = said(LogFormat::text, [](const Log& log) { log.warn(kHostile, {{"text", kHostile}}); });
  const std::string harmless = R"(a\n2026-01-01T00:00:00.000Z error forged\r\t\x1b[31m\x7f)"
                               R"(\u{85}\u{9b}31m\u{2028}\u{2029}\u{202e}\u{2066}\xff"\)";
  EXPECT_TRUE(line.ends_with(" warning " + harmless + " text=" + harmless + "\n")) << line;
}

TEST(Log, nor_in_json_which_stays_what_it_says) {
  const std::string line = said(LogFormat::json, [](const Log& log) { log.warn("m", {{"text", kHostile}}); });
  EXPECT_EQ(std::ranges::count(line, '\n'), 1) << line;
  const auto replacement = line.find("\xef\xbf\xbd");  // for the byte that is no UTF-8
  ASSERT_NE(replacement, std::string::npos) << line;
  std::string rest = line;
  rest.erase(replacement, 3);
  EXPECT_TRUE(std::ranges::all_of(rest, [](char c) { return c == '\n' || (c >= 0x20 && c < 0x7f); })) << line;
  simdjson::dom::parser parser;
  simdjson::dom::element object;
  ASSERT_EQ(parser.parse(line).get(object), simdjson::SUCCESS) << line;
  std::string_view text;
  ASSERT_EQ(object["text"].get_string().get(text), simdjson::SUCCESS);
  std::string expected = kHostile;
  expected.replace(expected.find('\xff'), 1, "\xef\xbf\xbd");
  EXPECT_EQ(text, expected);
}

TEST(Log, leaves_out_what_is_below_its_level) {
  const auto all = [](const Log& log) {
    log.debug("d");
    log.note("n");
    log.warn("w");
    log.error("e");
  };
  const auto lines = [&](LogLevel level) {
    const std::string text = said(LogFormat::text, all, level);
    return std::ranges::count(text, '\n');
  };
  EXPECT_EQ(lines(LogLevel::debug), 4);
  EXPECT_EQ(lines(LogLevel::info), 3);
  EXPECT_EQ(lines(LogLevel::warning), 2);
  EXPECT_EQ(lines(LogLevel::error), 1);
}

TEST(Log, names_the_request_that_a_line_belongs_to) {
  const TraceIds ids{.trace = {0x4bf92f3577b34da6, 0xa3ce929d0e0e4736}, .span = 0xf067aa0ba902b7};
  const auto say = [&ids](const Log& log) { log.warn("m", {{"a", "b"}}, ids); };
  EXPECT_TRUE(said(LogFormat::text, say)
                  .ends_with(" warning m a=b trace_id=4bf92f3577b34da6a3ce929d0e0e4736 span_id=00f067aa0ba902b7\n"));
  EXPECT_TRUE(
      said(LogFormat::json, say)
          .ends_with(
              R"("message":"m","a":"b","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7"})"
              "\n"));
}

TEST(Log, says_in_json_which_program_writes_where) {
  const std::string members =
      R"(,"service.name":"temperature-service","service.version":"1.2","deployment.environment.name":"production")"
      R"(,"dd.service":"temperature-service","dd.version":"1.2","dd.env":"production")";
  EXPECT_EQ(members_of({"1.2", "production"}), members);
  EXPECT_EQ(members_of({"1.2", ""}),
            R"(,"service.name":"temperature-service","service.version":"1.2","dd.service":"temperature-service",)"
            R"("dd.version":"1.2")");
  EXPECT_EQ(members_of({}), "");
  ::testing::internal::CaptureStderr();
  Log(LogFormat::json, LogLevel::info, STDERR_FILENO, {"1.2", "production"}).fail("m");
  const std::string line = ::testing::internal::GetCapturedStderr();
  EXPECT_TRUE(line.ends_with(R"("level":"error","message":"m")" + members + "}\n")) << line;
}

TEST(Log, writes_an_event_once_and_counts_its_repeats_to_the_end) {
  const std::string lines = said(LogFormat::text, [](const Log& log) {
    for (int i = 0; i < 10'000; ++i) log.event(LogLevel::warning, "it failed", "overloaded", {{"code", "overloaded"}});
    log.event(LogLevel::warning, "it failed", "disk_full", {{"code", "disk_full"}});
    log.event(LogLevel::debug, "below the level", "");
    log.say_repeats();
    log.note("stopped");
    log.event(LogLevel::warning, "it failed", "overloaded");
    log.event(LogLevel::warning, "it failed", "overloaded");
  });
  std::vector<std::string> rests;
  for (std::size_t at = 0; at < lines.size(); at = lines.find('\n', at) + 1) {
    rests.push_back(lines.substr(lines.find(' ', at) + 1, lines.find('\n', at) - lines.find(' ', at) - 1));
  }
  EXPECT_EQ(rests, (std::vector<std::string>{
                       "warning it failed code=overloaded", "warning it failed code=disk_full",
                       "warning it failed: repeated 9999 times in 1 s code=overloaded repeated=9999 seconds=1",
                       "info stopped", "warning it failed",
                       "warning it failed: repeated 1 times in 1 s code=overloaded repeated=1 seconds=1"}));
}

TEST(Log, leaves_out_fields_without_a_value_and_writes_numbers_as_such) {
  const auto say = [](const Log& log) {
    log.note("m", {{"none", LogValue::if_any("")}, {"empty", ""}, {"some", LogValue::if_any("x")}, {"n", 12U}});
  };
  EXPECT_TRUE(said(LogFormat::text, say).ends_with(" info m empty= some=x n=12\n"));
  EXPECT_TRUE(said(LogFormat::json, say)
                  .ends_with(R"("message":"m","empty":"","some":"x","n":12})"
                             "\n"));
}

TEST(Log, cuts_what_is_very_long) {
  const std::string long_text(10 * limits::kLogTextBytesMax, 'a');
  const std::string line = said(LogFormat::text, [&](const Log& log) { log.note(long_text, {{"text", long_text}}); });
  EXPECT_EQ(static_cast<std::size_t>(std::ranges::count(line, 'a')), 2 * limits::kLogTextBytesMax);
}

TEST(Log, shows_nothing_where_there_is_no_terminal) {
  EXPECT_EQ(said(LogFormat::text, [](const Log& log) { log.show("curl\n"); }), "");
  EXPECT_EQ(said(LogFormat::json, [](const Log& log) { log.show("curl\n"); }), "");
}

TEST(Log, says_how_many_lines_were_dropped_as_a_line_of_its_format) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  const Descriptor reader(ends[0]);
  const Descriptor writer(ends[1]);
  const Log log(LogFormat::json, LogLevel::info, writer.get());
  const std::string text(1'000, 'x');
  const std::size_t count = 4 * limits::kLogBytesMax / text.size();
  for (std::size_t i = 0; i < count; ++i) log.note(text);
  ASSERT_GT(log.dropped(), 0U);
  const std::uint64_t dropped = log.dropped();
  std::string got;
  std::array<char, PIPE_BUF> piece{};
  while (!std::string_view(got).substr(got.size() - std::min(got.size(), 2 * piece.size())).contains("\"dropped\":")) {
    const ssize_t bytes = ::read(reader.get(), piece.data(), piece.size());
    ASSERT_GT(bytes, 0);
    got.append(piece.data(), static_cast<std::size_t>(bytes));
  }
  EXPECT_TRUE(got.contains("\"dropped\":\"" + std::to_string(dropped) + "\"}\n")) << got.substr(got.size() - 300);
  EXPECT_EQ(static_cast<std::uint64_t>(std::ranges::count(got, '\n')), count - dropped + 1);
}

struct Observed final : ErrorObserver {
  void failed(std::string_view message, Fields fields) noexcept override {
    told += message;
    for (const auto& [name, value] : fields) told += fmt::format(" {}={}", name, value.text());
    told += '\n';
  }
  std::string told;
};

TEST(Log, tells_an_observer_of_errors_and_of_nothing_else) {
  Observed observer;
  for (const LogFormat format : {LogFormat::text, LogFormat::json}) {
    ::testing::internal::CaptureStderr();
    {
      Log log(format);
      log.error("before");
      log.observe_errors(&observer);
      log.warn("a warning");
      log.error("an error", {{"code", "disk_full"}});
      for (int i = 0; i < 3; ++i) log.event(LogLevel::error, "a request failed", "c", {{"code", "c"}});
      log.event(LogLevel::warning, "a request failed", "c", {{"code", "c"}});
      log.fail("why the start failed");
      log.observe_errors(nullptr);
      log.error("after");
    }
    ::testing::internal::GetCapturedStderr();
  }
  const std::string once = "an error code=disk_full\na request failed code=c\n";
  EXPECT_EQ(observer.told, once + once);
}

}  // namespace
}  // namespace temperature::telemetry
