#include "client/replay.h"

#include <gtest/gtest.h>
#include <simdjson.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "client/gzip_for_test.h"
#include "client/stub_service.h"
#include "client/test_surroundings.h"
#include "testing/moments.h"

namespace temperature::client {
namespace {

using testing::kNow;
constexpr Timestamp kThen = timestamp_from_ms(1'665'007'200'000);  // 2022-10-05T22:00:00Z
constexpr std::string_view kHeader = "timestamp,room_id,sensor_id,quantity,value\n";
using std::chrono::minutes;
using std::chrono::seconds;

struct Received {
  std::string room;
  Timestamp timestamp;
  double value = 0;
};

std::vector<Received> readings_in(const std::string& body) {
  simdjson::dom::parser parser;
  std::vector<Received> readings;
  for (const simdjson::dom::element reading : parser.parse(body).get_array()) {
    readings.push_back({std::string(std::string_view(reading["room"])),
                        timestamp_from_ms(std::int64_t(reading["timestamp"])), double(reading["value"])});
  }
  return readings;
}

StubAnswer accept_all(const StubRequest& request) {
  return {.body = R"({"accepted":)" + std::to_string(readings_in(request.body).size()) +
                  R"(,"duplicates":0,"conflicts":0,"rejected":[],"conflict_details":[],"position":1})"};
}

class ReplayTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "replay-test-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  int replay_text(const std::string& text, const StubService& service) {
    std::ofstream(directory_ / "a.csv") << text;
    options_.path = directory_ / "a.csv";
    options_.destination.target.url = service.url();
    return replay(options_, here_.surroundings);
  }

  static std::vector<Received> all(const StubService& service) {
    std::vector<Received> readings;
    for (const StubRequest& request : service.requests()) {
      for (Received& reading : readings_in(request.body)) readings.push_back(std::move(reading));
    }
    return readings;
  }

  // A reading of room "r" every ten minutes.
  static std::string file_of(int readings) {
    std::string text(kHeader);
    for (int i = 0; i < readings; ++i) {
      text += format_timestamp(kThen + minutes(10 * i)) + ",r,s,temperature," + std::to_string(i) + ".5\n";
    }
    return text;
  }

  std::filesystem::path directory_;
  TestSurroundings here_{kNow};
  ReplayOptions options_;
};

TEST_F(ReplayTest, sends_all_readings_of_a_file_in_order_in_batches) {
  StubService service(accept_all);
  options_.destination.batch_readings = 100;
  EXPECT_EQ(replay_text(file_of(1050), service), 0) << here_.err.str();
  EXPECT_EQ(service.requests().size(), 11U);
  const auto readings = all(service);
  ASSERT_EQ(readings.size(), 1050U);
  for (int i = 0; i < 1050; ++i) {
    ASSERT_EQ(readings[static_cast<std::size_t>(i)].timestamp, kThen + minutes(10 * i));
    ASSERT_EQ(readings[static_cast<std::size_t>(i)].value, i + 0.5);
  }
  EXPECT_TRUE(here_.out.str().starts_with("accepted 1050\nduplicates 0\nconflicts 0\nrejected 0\n")) << here_.out.str();
  EXPECT_TRUE(here_.time.waits().empty());
}

TEST_F(ReplayTest, names_bad_lines_and_what_the_service_refused_by_line) {
  StubService service([](const StubRequest&) {
    return StubAnswer{.body = R"({"accepted":0,"duplicates":1,"conflicts":1,
        "rejected":[{"index":2,"code":"too_old","detail":"older than retention"}],
        "conflict_details":[{"index":1,"stored":20.5,"refused":21}],"position":1})"};
  });
  const std::string text = std::string(kHeader) + "2022-10-05T22:00:00Z,r,s,temperature,20\n" +
                           "yesterday,r,s,temperature,20\n" + "2022-10-05T22:10:00Z,r,\"s,2\",temperature,21\n" +
                           "2022-10-05T22:10:00Z,r\n" + "2022-10-05T22:20:00Z,\"r,s,temperature,22\n" +
                           "1665009000000,r,s,temperature,22\n";
  EXPECT_EQ(replay_text(text, service), 1) << here_.err.str();
  const std::string summary = here_.out.str();
  EXPECT_TRUE(summary.starts_with("accepted 0\nduplicates 1\nconflicts 1\nrejected 4\n")) << summary;
  EXPECT_NE(summary.find("line 3: the timestamp \"yesterday\""), std::string::npos) << summary;
  EXPECT_NE(summary.find("line 4: stored 20.5, refused 21"), std::string::npos) << summary;
  EXPECT_NE(summary.find("line 5: 2 fields"), std::string::npos) << summary;
  EXPECT_NE(summary.find("line 6: a quoted field does not end"), std::string::npos) << summary;
  EXPECT_NE(summary.find("line 7: too_old: older than retention"), std::string::npos) << summary;
}

TEST_F(ReplayTest, moves_the_last_reading_to_now) {
  StubService service(accept_all);
  options_.rebase = true;
  // The latest stands in the middle; a time of 1970 and one of 2200 decide nothing.
  EXPECT_EQ(replay_text(std::string(kHeader) + "2022-10-05T22:00:00Z,r,s,temperature,1\n" +
                            "2022-10-05T23:00:00Z,r,s,temperature,2\n" + "0,r,s,temperature,3\n" +
                            "2200-01-01T00:00:00Z,r,s,temperature,4\n" + "2022-10-05T22:30:00Z,r,s,temperature,5\n",
                        service),
            0)
      << here_.err.str();
  const auto readings = all(service);
  ASSERT_EQ(readings.size(), 5U);
  EXPECT_EQ(readings[0].timestamp, kNow - minutes(60));
  EXPECT_EQ(readings[1].timestamp, kNow);
  EXPECT_EQ(readings[2].timestamp, timestamp_from_ms(0));
  EXPECT_EQ(readings[4].timestamp, kNow - minutes(30));
}

TEST_F(ReplayTest, goes_at_the_pace_of_the_recording) {
  std::vector<Timestamp> sent;
  StubService service([this, &sent](const StubRequest& request) {
    sent.push_back(here_.time.now());
    return accept_all(request);
  });
  options_.speed = 600;
  EXPECT_EQ(replay_text(file_of(60), service), 0) << here_.err.str();
  // Ten minutes at 600 times real time are a second: a request each, and 59 s in all.
  EXPECT_EQ(service.requests().size(), 60U);
  EXPECT_EQ(here_.time.now(), kNow + seconds(59));
  ASSERT_EQ(sent.size(), 60U);
  EXPECT_TRUE(std::ranges::is_sorted(sent));
}

TEST_F(ReplayTest, reads_gzip_and_says_when_it_is_cut_off) {
  StubService service(accept_all);
  EXPECT_EQ(replay_text(gzip(file_of(3000)), service), 0) << here_.err.str();
  EXPECT_EQ(all(service).size(), 3000U);

  StubService other(accept_all);
  const std::string whole = gzip(file_of(30'000));
  EXPECT_EQ(replay_text(whole.substr(0, whole.size() / 2), other), 1);
  EXPECT_NE(here_.err.str().find("the gzip text ends early"), std::string::npos) << here_.err.str();
  const auto count = all(other).size();
  EXPECT_GT(count, 0U);
  EXPECT_LT(count, 30'000U);
  EXPECT_NE(here_.out.str().find("accepted " + std::to_string(count) + "\n"), std::string::npos) << here_.out.str();
}

TEST_F(ReplayTest, fails_when_the_service_does_and_still_sums_up) {
  StubService service([tries = 0](const StubRequest& request) mutable {
    return ++tries <= 2 ? accept_all(request) : StubAnswer{.status = 503};
  });
  options_.destination.batch_readings = 10;
  EXPECT_EQ(replay_text(file_of(1000), service), 1);
  EXPECT_TRUE(here_.out.str().starts_with("accepted 20\n")) << here_.out.str();
  EXPECT_NE(here_.err.str().find("status 503"), std::string::npos) << here_.err.str();
  EXPECT_NE(here_.err.str().find("readings from line 22 on may be missing"), std::string::npos) << here_.err.str();
}

TEST_F(ReplayTest, fails_without_a_word_to_the_service_when_there_is_nothing_to_read) {
  StubService service(accept_all);
  EXPECT_EQ(replay_text("", service), 1);
  EXPECT_EQ(replay_text("noon,room\n", service), 1);
  EXPECT_NE(here_.err.str().find("lacks timestamp, sensor_id, value;"), std::string::npos) << here_.err.str();
  options_.path = directory_ / "missing.csv";
  EXPECT_EQ(replay(options_, here_.surroundings), 1);
  EXPECT_EQ(service.requests().size(), 0U);
}

TEST_F(ReplayTest, ends_when_interrupted_with_what_was_sent_by_then) {
  StubService service(accept_all);
  options_.speed = 600;
  here_.time.interrupt_at(kNow + seconds(30));
  EXPECT_EQ(replay_text(file_of(60), service), 1);
  EXPECT_TRUE(here_.out.str().starts_with("accepted 30\n")) << here_.out.str();
  EXPECT_NE(here_.err.str().find("interrupted at line 32"), std::string::npos) << here_.err.str();
}

TEST_F(ReplayTest, names_the_building_where_the_file_does_not) {
  StubService service(accept_all);
  options_.destination.building = "north";
  EXPECT_EQ(replay_text("timestamp,room_id,sensor_id,building,value\n1665007200000,r,s,south,1\n1665007200000,r,s,,1\n",
                        service),
            0);
  const auto requests = service.requests();
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_NE(requests[0].body.find(R"("building":"south")"), std::string::npos);
  EXPECT_NE(requests[0].body.find(R"("building":"north")"), std::string::npos);
}

}  // namespace
}  // namespace temperature::client
