#include "client/write_answer.h"

#include <gtest/gtest.h>

namespace temperature::client {

std::ostream& operator<<(std::ostream& out, const Refusal& refusal) {
  return out << refusal.index << ": " << refusal.reason;
}

namespace {

Result<WriteAnswer> read_answer(HttpAnswer answer, std::size_t sent) {
  answer.content_type = "application/json";
  return read_write_answer(answer, sent);
}

TEST(WriteAnswer, counts_and_names_what_did_not_go_in) {
  const auto answer = read_answer({200, R"({"accepted":3,"duplicates":2,"conflicts":1,
                "rejected":[{"index":4,"code":"timestamp_ahead","detail":"an hour ahead"}],
                "conflict_details":[{"index":6,"stored":20.5,"refused":-1}],"position":17})"},
                                  7);
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_EQ(answer->accepted, 3U);
  EXPECT_EQ(answer->duplicates, 2U);
  EXPECT_EQ(answer->conflicts, 1U);
  EXPECT_EQ(answer->rejected, 1U);
  EXPECT_EQ(answer->rejections, (std::vector<Refusal>{{4, "timestamp_ahead: an hour ahead"}}));
  EXPECT_EQ(answer->conflicting, (std::vector<Refusal>{{6, "stored 20.5, refused -1"}}));
}

TEST(WriteAnswer, counts_the_rejected_beyond_those_that_are_listed) {
  const auto answer = read_answer({200, R"({"accepted":10,"duplicates":0,"conflicts":0,
      "rejected":[{"index":0,"code":"a","detail":"b"}],"conflict_details":[],"position":1})"},
                                  150);
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_EQ(answer->rejected, 140U);
  EXPECT_EQ(answer->rejections.size(), 1U);
}

TEST(WriteAnswer, counts_what_was_replaced_where_that_was_asked_for) {
  const auto answer = read_answer({200, R"({"accepted":1,"duplicates":2,"conflicts":0,"replaced":3,
      "rejected":[{"index":0,"code":"a","detail":"b"}],"conflict_details":[],"position":1})"},
                                  7);
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_EQ(answer->replaced, 3U);
  EXPECT_EQ(answer->rejected, 1U);
  EXPECT_FALSE(read_answer({200, R"({"accepted":1,"duplicates":0,"conflicts":0,"replaced":3})"}, 3));
  EXPECT_FALSE(read_answer({200, R"({"accepted":1,"duplicates":0,"conflicts":0,"replaced":"3"})"}, 7));
  EXPECT_FALSE(read_answer({200, R"({"accepted":1,"duplicates":0,"conflicts":0})"}, 3)->replaced);
}

TEST(WriteAnswer, takes_nothing_admissible_as_all_rejected) {
  const auto f = [](const std::string& body, const Refusal& want) {
    const auto answer = read_answer({422, body}, 9);
    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(answer->rejected, 9U);
    EXPECT_EQ(answer->rejections, (std::vector<Refusal>{want}));
  };
  f(R"({"status":422,"code":"nothing_admissible","detail":"all bad",
        "rejected":[{"index":8,"code":"id_invalid","detail":"room"}]})",
    {8, "id_invalid: room"});
  f(R"({"status":422,"code":"nothing_admissible","detail":"all bad"})", {0, "all bad"});
}

TEST(WriteAnswer, fails_when_the_request_was_refused_as_a_whole) {
  const auto f = [](int status, const std::string& body, std::string_view want) {
    const auto answer = read_answer({status, body}, 1);
    ASSERT_FALSE(answer) << want;
    EXPECT_NE(answer.error().detail.find(want), std::string::npos) << answer.error().detail;
  };
  f(401, R"({"title":"No credential","detail":"send a key","code":"credential_missing"})", "401 send a key");
  f(401, R"({"title":"No credential"})", "401 No credential");
  f(413, "", "--batch");
  f(404, "Not Found", "404 Not Found");
  f(404, "<html>\x01", "404 no explanation");
  f(422, R"({"detail":[{"loc":["body"]}]})", "422");
}

TEST(WriteAnswer, does_not_take_anything_else_for_success) {
  for (const std::string body :
       {"", "<html>", "{}", "[]", R"({"accepted":1,"duplicates":0})", R"({"accepted":-1,"duplicates":0,"conflicts":0})",
        R"({"accepted":2,"duplicates":0,"conflicts":0})", R"({"accepted":"1","duplicates":0,"conflicts":0})",
        R"({"accepted":0,"duplicates":0,"conflicts":0,"rejected":3})",
        R"({"accepted":0,"duplicates":0,"conflicts":0,"rejected":[{"index":1,"code":"a","detail":"b"}]})",
        R"({"accepted":1,"duplicates":0,"conflicts":0,"rejected":[{"index":0,"code":"a","detail":"b"}]})",
        R"({"accepted":18446744073709551615,"duplicates":2,"conflicts":0})"}) {
    EXPECT_FALSE(read_answer({200, body}, 1)) << body;
  }
  EXPECT_TRUE(read_answer({200, R"({"accepted":1,"duplicates":0,"conflicts":0})"}, 1));
}

TEST(WriteAnswer, takes_no_answer_of_another_type) {
  const std::string body = R"({"accepted":1,"duplicates":0,"conflicts":0})";
  for (const char* type : {"", "text/html", "application/problem+json"}) {
    EXPECT_FALSE(read_write_answer({200, body, type}, 1)) << type;
  }
}

TEST(WriteAnswer, shows_nothing_that_a_terminal_would_obey) {
  const auto refused = read_answer({422, R"({"code":"nothing_admissible","detail":"a\u001b[2J"})"}, 1);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->rejections.at(0).reason, "a\\x1b[2J");
  const auto failed = read_answer({400, R"({"title":"a\u009b\r\n"})"}, 1);
  ASSERT_FALSE(failed);
  EXPECT_TRUE(failed.error().detail.contains("400 a\\u{9b}\\x0d\\x0a")) << failed.error().detail;
}

TEST(WriteAnswer, passes_over_a_stored_value_that_is_not_told) {
  const auto answer = read_answer({200, R"({"accepted":0,"duplicates":0,"conflicts":1,"rejected":[],"rejected_count":0,
                "conflict_details":[{"index":0,"refused":21}],"position":0})"},
                                  1);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->conflicting, (std::vector<Refusal>{{0, "another value is stored, refused 21"}}));
}

}  // namespace
}  // namespace temperature::client
