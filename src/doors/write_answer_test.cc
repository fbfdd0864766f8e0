#include "doors/write_answer.h"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "access/principal.h"
#include "base/clock.h"
#include "catalogue/catalogue.h"
#include "doors/line_door.h"
#include "doors/original_door.h"
#include "doors/readings_door.h"
#include "history/memory_history.h"
#include "journal/memory_journal.h"
#include "pipeline/pipeline.h"
#include "telemetry/log.h"
#include "telemetry/rejects.h"

// What the doors to write through do on the journal's thread, which everybody waits for: nothing.
namespace temperature::doors {
namespace {

// Commits each batch on a thread of its own, as a journal on disk does.
class JournalElsewhere final : public journal::Journal {
 public:
  explicit JournalElsewhere(journal::Journal& inner) : inner_(inner) {}

  Result<journal::Recovery> start(Position after, journal::Subscriber& subscriber) override {
    return inner_.start(after, subscriber);
  }
  void append(journal::Submission& submission) override {
    threads.emplace_back([this, &submission] { inner_.append(submission); });
    last = threads.back().get_id();
  }
  Result<void> release(Position position) override { return inner_.release(position); }
  [[nodiscard]] Result<std::optional<Position>> read(Position after, Position upto,
                                                     const journal::TakeRecord& take) const override {
    return inner_.read(after, upto, take);
  }
  Result<void> settle() override { return inner_.settle(); }
  Result<bool> purge(Position position) override { return inner_.purge(position); }
  void stop() override {
    for (std::thread& thread : threads) thread.join();
    threads.clear();
    inner_.stop();
  }
  [[nodiscard]] journal::JournalStatus status() const override { return inner_.status(); }
  [[nodiscard]] std::uint64_t bytes_on_disk() const override { return inner_.bytes_on_disk(); }
  [[nodiscard]] const journal::JournalFigures& figures() const override { return inner_.figures(); }

  std::vector<std::thread> threads;
  std::thread::id last;

 private:
  journal::Journal& inner_;
};

// Sees what there is when the exchange is finished.
class Seen final : public http::Exchange {
 public:
  explicit Seen(const telemetry::Rejects& rejects) : rejects_(rejects) {}

  void finish() override {
    thread_id = std::this_thread::get_id();
    response_then = response.body;
    status_then = response.status;
    noted_then = rejects_.counts().size();
    finished_.set_value();
  }
  Result<void> charge(std::size_t) override { return {}; }
  void wait() { finished_.get_future().wait(); }

  std::thread::id thread_id;
  std::string response_then;
  int status_then = 0;
  std::size_t noted_then = 0;

 private:
  const telemetry::Rejects& rejects_;
  std::promise<void> finished_;
};

class WriteAnswerTest : public ::testing::Test {
 public:
  ~WriteAnswerTest() override { pipeline.stop(); }

 protected:
  void SetUp() override { ASSERT_TRUE(pipeline.start()); }

  // Sends the body and words the answer, once it is seen that nothing was done for it where the journal finished it.
  http::Response ask(http::Door& door, const std::string& path, const std::string& body) {
    Seen seen(rejects);
    seen.request.method = http::Method::post;
    seen.request.path = path;
    seen.request.body = body;
    seen.request.principal = &principal;
    const std::size_t noted = rejects.counts().size();
    door.handle(seen);
    seen.wait();
    EXPECT_EQ(seen.thread_id, journal.last);
    EXPECT_EQ(seen.response_then, "") << "worded on the journal's thread";
    EXPECT_EQ(seen.status_then, 200) << "worded on the journal's thread";
    EXPECT_EQ(seen.noted_then, noted) << "refusals noted on the journal's thread";
    if (seen.wording == nullptr) {
      ADD_FAILURE() << "nothing is left to be done";
    } else {
      seen.wording->word(seen);
    }
    return seen.response;
  }

  static bool has(const std::string& text, std::string_view part) { return text.contains(part); }

  SystemClock clock;
  telemetry::Log log{telemetry::LogFormat::text};
  telemetry::Rejects rejects{log, clock};
  access::Principal principal{.role = access::Role::admin};
  catalogue::Catalogue catalogue{100};
  journal::MemoryJournal memory{catalogue};
  JournalElsewhere journal{memory};
  history::MemoryHistory history;
  pipeline::Pipeline pipeline{{}, clock, catalogue, journal, history};
};

TEST_F(WriteAnswerTest, of_json_is_worded_elsewhere) {
  ReadingsDoor door(pipeline.write_path(), rejects, UnknownFields{}, 1);
  const http::Response answer =
      ask(door, "/v1/readings",
          R"([{"room":"r","sensor":"s","value":1,"timestamp":1700000000000},{"room":"r","value":1},)"
          R"({"room":"r","sensor":"s","value":2,"timestamp":1700000000000}])");
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(has(answer.body, R"("accepted":1,"duplicates":0,"conflicts":1,"rejected":[{"index":1,)")) << answer.body;
  EXPECT_TRUE(has(answer.body, R"("conflict_details":[{"index":2,"stored":1,"refused":2}])")) << answer.body;
  ASSERT_EQ(rejects.newest(telemetry::RejectKind::conflict, 9).size(), 1U);
  EXPECT_EQ(rejects.newest(telemetry::RejectKind::conflict, 9)[0].names.sensor, "s");
  EXPECT_EQ(rejects.count(telemetry::RejectKind::refused), 1U);
}

TEST_F(WriteAnswerTest, of_csv_is_worded_elsewhere) {
  ReadingsDoor door(pipeline.write_path(), rejects, UnknownFields{}, 1);
  Seen seen(rejects);
  seen.request.content_type = "text/csv";
  seen.request.body = "room,sensor,value\nr,s,1\nr,,1\n";
  seen.request.principal = &principal;
  door.handle(seen);
  seen.wait();
  EXPECT_EQ(seen.response_then, "");
  seen.wording->word(seen);
  EXPECT_TRUE(has(seen.response.body, R"("accepted":1)")) << seen.response.body;
}

TEST_F(WriteAnswerTest, of_lines_finds_the_text_of_refused_ones_elsewhere) {
  const mapping::LineRules rules;
  const mapping::DeviceMaps maps;
  LineDoor door(pipeline.write_path(), rules, maps, rejects, log, 1);
  for (const std::string path : {"/write", "/api/v2/write", "/api/v3/write_lp"}) {
    const http::Response answer = ask(door, path, "temp,room=r,sensor=s value=1\nno line\ntemp,room=r value=1\n");
    EXPECT_EQ(answer.status, 400) << path;
    EXPECT_TRUE(has(answer.body, "line 2")) << answer.body;
    EXPECT_TRUE(has(answer.body, "'no line'") || has(answer.body, R"("original_line":"no line")")) << answer.body;
    const auto refused = rejects.newest(telemetry::RejectKind::refused, 9);
    ASSERT_FALSE(refused.empty());
    EXPECT_EQ(refused[0].text, "temp,room=r value=1");
  }
}

TEST_F(WriteAnswerTest, of_lines_goes_through_the_body_again_only_where_something_was_refused) {
  const mapping::LineRules rules;
  const mapping::DeviceMaps maps;
  LineDoor door(pipeline.write_path(), rules, maps, rejects, log, 1);
  const auto reads_body = [&](const std::string& body) {
    Seen seen(rejects);
    seen.request.path = "/write";
    seen.request.body = body;
    seen.request.principal = &principal;
    door.handle(seen);
    seen.wait();
    return seen.wording->reads_body();
  };
  EXPECT_FALSE(reads_body("temp,room=r,sensor=s value=1 1700000000000000000"));
  EXPECT_TRUE(reads_body("temp,room=r,sensor=s value=2 1700000000000000000")) << "a conflict";
  EXPECT_TRUE(reads_body("temp,room=r,sensor=s value=2\nno line"));
}

TEST_F(WriteAnswerTest, of_the_original_interface_is_worded_elsewhere) {
  TemperaturesDoor door(pipeline.write_path(), rejects, 1);
  const auto body = [](double value) {
    return R"({"buildingId":"b","roomId":"r","sensorId":"s","timestamp":1700000000000,"temperature":)" +
           std::to_string(value) + "}";
  };
  EXPECT_EQ(ask(door, "/temperatures", body(20)).status, 201);
  EXPECT_EQ(ask(door, "/temperatures", body(21)).status, 409);
}

}  // namespace
}  // namespace temperature::doors
