#include "reports/event.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <csignal>
#include <string>

namespace temperature::reports {
namespace {

const Origin kOrigin{
    .version = "1.2.3", .system = "Linux", .kernel = "6.1.0", .machine = "x86_64", .compiler = "12.2.0"};
constexpr Timestamp kTime = timestamp_from_ms(1'700'000'000'123);  // 2023-11-14T22:13:20.123Z
constexpr Timestamp kSent = timestamp_from_ms(1'700'000'001'000);

Event error() {
  return {.id = "00112233445566778899aabbccddeeff",
          .time = kTime,
          .release = "temperature-service@1.2.3",
          .environment = "staging",
          .message = "no backup was made",
          .code = "disk_full",
          .repeated = 2,
          .crash = {}};
}

TEST(Event, of_the_log_is_these_bytes) {
  const std::string payload =
      R"({"event_id":"00112233445566778899aabbccddeeff","timestamp":"2023-11-14T22:13:20.123Z","platform":"native",)"
      R"("level":"error","logger":"log","release":"temperature-service@1.2.3","environment":"staging",)"
      R"("logentry":{"message":"no backup was made"},"tags":{"code":"disk_full"},"extra":{"left_out_repeats":2},)"
      R"("contexts":{"os":{"type":"os","name":"Linux","kernel_version":"6.1.0"},)"
      R"("runtime":{"type":"runtime","name":"C++","version":"12.2.0"},)"
      R"("app":{"type":"app","app_name":"temperature-service","app_version":"1.2.3"},)"
      R"("device":{"type":"device","arch":"x86_64"}},"sdk":{"name":"temperature-service","version":"1.2.3"}})";
  EXPECT_EQ(encode_envelope(error(), kOrigin, kSent),
            R"({"event_id":"00112233445566778899aabbccddeeff","sent_at":"2023-11-14T22:13:21.000Z",)"
            R"("sdk":{"name":"temperature-service","version":"1.2.3"}})"
            "\n"
            R"({"type":"event","content_type":"application/json","length":)" +
                std::to_string(payload.size()) + "}\n" + payload + "\n");
}

TEST(Event, of_a_crash_has_the_oldest_call_first_and_the_images) {
  Event event = error();
  event.message.clear();
  event.crash = Crash{.signal = SIGSEGV,
                      .code = 1,
                      .reason = {},
                      .images = {{"temperature-service", 0x5000, 0x2000, "f1c3bcc0279865fe3058404b2831d9e64135386c"},
                                 {"libc.so.6", 0x9000, 0x1000, ""}},
                      .frames = {0x5010, 0x6fff, 0x9000, 0x7000}};
  const std::string envelope = encode_envelope(event, kOrigin, kSent);
  const std::string payload = envelope.substr(envelope.find('\n', envelope.find('\n') + 1) + 1);
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  ASSERT_EQ(parser.parse(payload).get(root), simdjson::SUCCESS) << payload;
  EXPECT_EQ(std::string_view(root["level"]), "fatal");
  EXPECT_EQ(simdjson::to_string(root["exception"]),
            R"({"values":[{"type":"SIGSEGV","value":"the process was ended by a signal","mechanism":{)"
            R"("type":"signalhandler","handled":false,"synthetic":true,)"
            R"("meta":{"signal":{"number":11,"code":1,"name":"SIGSEGV"}}},"stacktrace":{"frames":[)"
            R"({"instruction_addr":"0x7000"},)"
            R"({"instruction_addr":"0x9000","package":"libc.so.6"},)"
            R"({"instruction_addr":"0x6fff","package":"temperature-service"},)"
            R"({"instruction_addr":"0x5010","package":"temperature-service"}]}}]})");
  EXPECT_EQ(simdjson::to_string(root["debug_meta"]),
            R"({"images":[{"type":"elf","code_file":"temperature-service",)"
            R"("code_id":"f1c3bcc0279865fe3058404b2831d9e64135386c",)"
            R"("debug_id":"c0bcc3f1-9827-fe65-3058-404b2831d9e6","image_addr":"0x5000","image_size":8192},)"
            R"({"type":"elf","code_file":"libc.so.6","image_addr":"0x9000","image_size":4096}]})");
}

// The example of Sentry's own documentation of debug images.
TEST(Event, names_symbols_by_the_build_id) {
  EXPECT_EQ(debug_id_of("f1c3bcc0279865fe3058404b2831d9e64135386c"), "c0bcc3f1-9827-fe65-3058-404b2831d9e6");
  EXPECT_EQ(debug_id_of("0123456789abcdef"), "67452301-ab89-efcd-0000-000000000000");
}

TEST(Event, has_an_id_of_its_own) {
  const std::string one = new_event_id();
  EXPECT_EQ(one.size(), 32U);
  EXPECT_EQ(one.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_NE(one, new_event_id());
}

TEST(Event, says_nothing_that_may_be_somebodys) {
  struct Case {
    std::string_view message;
    std::string_view reported;
  };
  for (const Case& each : {
           Case{"", ""},
           Case{"no backup was made", "no backup was made"},
           Case{"cannot read /srv/anna/data/KEEPING: no such file", "cannot read [...] no such file"},
           Case{"the room \"Anna's bedroom\" is unknown", "the room [...] is unknown"},
           Case{"the room \"Anna's bedroom", "the room [...]"},
           Case{"\"a\"\"b\"c", "[...][...]c"},
           Case{"told anna@example.org twice", "told [...] twice"},
           Case{"closed 192.168.1.17 (10.0.0.1:80)", "closed [...] ([...]"},
           Case{"closed fe80::1 and [::1]:80", "closed [...] and [...]"},
           Case{"version 1.2.3 is there", "version 1.2.3 is there"},
           Case{R"(cannot read C:\anna)", "cannot read [...]"},
           Case{"a  b ", "a  b "},
       }) {
    EXPECT_EQ(without_personal_data(each.message), each.reported);
  }
  EXPECT_EQ(without_personal_data(std::string(10'000, 'x')).size(), limits::kReportTextBytesMax);
}

}  // namespace
}  // namespace temperature::reports
