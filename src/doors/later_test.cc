#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <optional>
#include <string>

#include "doors/query_door.h"
#include "doors/readers.h"
#include "doors/stream.h"

// Answers that come later, and in pieces.
namespace temperature::doors {
namespace {

class Asked final : public http::Exchange {
 public:
  void finish() override { finished_.set_value(); }
  Result<void> charge(std::size_t) override { return {}; }
  // Until the answer, or its next piece, is complete.
  void wait() {
    finished_.get_future().wait();
    finished_ = {};
  }

 private:
  std::promise<void> finished_;
};

TEST(AnswerLater, fills_the_response_and_finishes_it) {
  Readers readers(1);
  Asked asked;
  ASSERT_TRUE(answer_later(readers, asked, [](http::Response& response) {
    response.body = "21.5";
    return Result<void>();
  }));
  asked.wait();
  EXPECT_EQ(asked.response.status, 200);
  EXPECT_EQ(asked.response.body, "21.5");
}

TEST(AnswerLater, tells_what_went_wrong_and_nothing_else) {
  Readers readers(1);
  Asked asked;
  ASSERT_TRUE(answer_later(readers, asked, [](http::Response& response) -> Result<void> {
    response.content_type = "text/csv";
    response.body = "timestamp,value";
    return failure(ErrorCode::history_failed, "a chunk is damaged");
  }));
  asked.wait();
  EXPECT_EQ(asked.response.status, 503);
  EXPECT_EQ(asked.response.content_type, "application/problem+json");
  EXPECT_EQ(asked.response.body.find("timestamp"), std::string::npos);
  EXPECT_NE(asked.response.body.find("a chunk is damaged"), std::string::npos);
}

TEST(AnswerLater, is_refused_when_too_many_wait) {
  Readers readers(0);  // nobody comes
  Asked asked;
  for (std::size_t i = 0; i < limits::kReadersQueueMax; ++i) ASSERT_TRUE(readers.ask([] {}));
  const auto refused = answer_later(readers, asked, [](http::Response&) { return Result<void>(); });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::overloaded);
}

// Gives out "1", "2" and "3", or fails at one of them.
NextPiece counting(std::optional<int> failing = std::nullopt) {
  return [failing, given = std::make_shared<int>(0)](std::string& out) -> Result<bool> {
    if (++*given == failing) return failure(ErrorCode::history_failed, "a chunk is damaged");
    out += std::to_string(*given);
    return *given < 3;
  };
}

TEST(Stream, makes_the_first_piece_at_once_and_the_others_when_asked) {
  Readers readers(1);
  Asked asked;
  ASSERT_TRUE(stream(readers, counting(), asked.response));
  EXPECT_EQ(asked.response.body, "1");
  ASSERT_TRUE(asked.response.more);
  asked.response.more(asked);
  asked.wait();
  EXPECT_EQ(asked.piece, "2");
  EXPECT_EQ(asked.piece_is, http::Piece::more);
  asked.piece.clear();
  asked.response.more(asked);
  asked.wait();
  EXPECT_EQ(asked.piece, "3");
  EXPECT_EQ(asked.piece_is, http::Piece::last);
}

TEST(Stream, of_one_piece_is_a_plain_answer) {
  Readers readers(0);
  Asked asked;
  ASSERT_TRUE(stream(readers, [](std::string& out) -> Result<bool> { return out += "all", false; }, asked.response));
  EXPECT_EQ(asked.response.body, "all");
  EXPECT_FALSE(asked.response.more);
}

TEST(Stream, tells_an_error_while_it_can_and_breaks_off_afterwards) {
  Readers readers(1);
  Asked asked;
  const auto failed = stream(readers, counting(1), asked.response);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::history_failed);
  EXPECT_FALSE(asked.response.more);
  asked.response.clear();
  ASSERT_TRUE(stream(readers, counting(2), asked.response));
  asked.response.more(asked);
  asked.wait();
  EXPECT_EQ(asked.piece_is, http::Piece::broken);
}

}  // namespace
}  // namespace temperature::doors
