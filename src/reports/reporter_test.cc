#include "reports/reporter.h"

#include <gtest/gtest.h>

#include <csignal>
#include <string>
#include <utility>
#include <vector>

#include "testing/comes_true.h"

namespace temperature::reports {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::steady_clock;
using testing::comes_true;

// A server that answers what the test says.
struct Server {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::string> envelopes;
  SendAnswer answer{.status = 200, .failure = {}, .rate_limits = {}, .retry_after = {}};
  bool hangs = false;
  bool gave_up = false;

  std::size_t taken() {
    const std::lock_guard lock(mutex);
    return envelopes.size();
  }
  std::string all() {
    const std::lock_guard lock(mutex);
    std::string text;
    for (const std::string& envelope : envelopes) text += envelope;
    return text;
  }
  void set(const SendAnswer& its_answer, bool it_hangs = false) {
    const std::lock_guard lock(mutex);
    answer = its_answer;
    hangs = it_hangs;
    changed.notify_all();
  }
};

class TestSender final : public EnvelopeSender {
 public:
  explicit TestSender(std::shared_ptr<Server> server) : server_(std::move(server)) {}
  SendAnswer send(const std::string& envelope) override {
    std::unique_lock lock(server_->mutex);
    server_->envelopes.push_back(envelope);
    server_->changed.wait(lock, [this] { return !server_->hangs || server_->gave_up; });
    return server_->answer;
  }
  void give_up_at(steady_clock::time_point) override {
    const std::lock_guard lock(server_->mutex);
    server_->gave_up = true;
    server_->changed.notify_all();
  }

 private:
  const std::shared_ptr<Server> server_;
};

Event error(std::string message) {
  return {.id = "1",
          .time = {},
          .release = {},
          .environment = {},
          .message = std::move(message),
          .code = {},
          .repeated = 0,
          .crash = {}};
}

Event crash() {
  Event event = error({});
  event.crash = Crash{.signal = SIGSEGV, .code = 1, .reason = {}, .images = {}, .frames = {}};
  return event;
}

class ReporterTest : public ::testing::Test {
 protected:
  std::shared_ptr<Server> server = std::make_shared<Server>();
  ReportFigures figures;
  std::atomic<int> said{0};

  Reporter make() {
    return Reporter({.origin = {},
                     .say = [this](const std::string&, const std::string&) { ++said; },
                     .backoff_first = milliseconds(1)},
                    std::make_unique<TestSender>(server), figures);
  }
};

const SendAnswer kTaken{.status = 200, .failure = {}, .rate_limits = {}, .retry_after = {}};
const SendAnswer kFailed{.status = 0, .failure = "no connection", .rate_limits = {}, .retry_after = {}};

TEST_F(ReporterTest, sends_what_it_is_told) {
  Reporter reporter = make();
  reporter.report(error("one"));
  reporter.report(error("two"));
  EXPECT_TRUE(comes_true([&] { return figures.sent == 2; }));
  EXPECT_LT(server->all().find("\"one\""), server->all().find("\"two\""));
}

TEST_F(ReporterTest, reports_the_same_error_once_in_a_while) {
  Reporter reporter = make();
  for (int i = 0; i < 10; ++i) reporter.report(error("one"));
  reporter.report(error("two"));
  EXPECT_TRUE(comes_true([&] { return figures.sent == 2; }));
  EXPECT_EQ(figures.repeated, 9U);
}

TEST_F(ReporterTest, keeps_nobody_waiting_and_no_more_than_its_bound) {
  server->set(kTaken, /*it_hangs=*/true);
  Reporter reporter = make();
  reporter.report(error("first"));
  EXPECT_TRUE(comes_true([&] { return server->taken() == 1; }));
  constexpr std::size_t kMore = 5;
  for (std::size_t i = 0; i < limits::kReportsWaitingMax + kMore; ++i) reporter.report(error(std::to_string(i)));
  EXPECT_EQ(figures.queue_full, kMore);
  server->set(kTaken);
  EXPECT_TRUE(comes_true([&] { return figures.sent == 1 + limits::kReportsWaitingMax; }));
}

TEST_F(ReporterTest, tries_again_until_it_is_taken_and_says_so_once) {
  server->set(kFailed);
  Reporter reporter = make();
  reporter.report(error("one"));
  EXPECT_TRUE(comes_true([&] { return server->taken() >= 3; }));
  EXPECT_EQ(said, 1);
  server->set(kTaken);
  EXPECT_TRUE(comes_true([&] { return figures.sent == 1; }));
  EXPECT_TRUE(comes_true([&] { return said == 2; }));
  EXPECT_EQ(figures.refused, 0U);
}

TEST_F(ReporterTest, drops_errors_while_the_server_wants_none_and_keeps_crashes) {
  server->set({.status = 429, .failure = {}, .rate_limits = "3600:error:key", .retry_after = {}});
  Reporter reporter = make();
  std::atomic<int> done{0};
  reporter.report(error("one"));
  EXPECT_TRUE(comes_true([&] { return figures.rate_limited == 1; }));
  reporter.report(crash(), [&](Reporter::Kept) { ++done; });
  reporter.report(error("two"));
  EXPECT_TRUE(comes_true([&] { return figures.rate_limited == 2; }));
  EXPECT_EQ(server->taken(), 1U);
  reporter.finish(hours(1));  // nor at the end
  EXPECT_EQ(server->taken(), 1U);
  EXPECT_EQ(figures.unsent, 1U);
  EXPECT_EQ(done, 0);
}

TEST_F(ReporterTest, tells_of_a_crash_whether_its_record_is_needed) {
  struct Case {
    int status;
    Reporter::Kept kept;
  };
  for (const Case& each :
       {Case{200, Reporter::Kept::no}, Case{400, Reporter::Kept::no}, Case{413, Reporter::Kept::no},
        Case{401, Reporter::Kept::yes}, Case{403, Reporter::Kept::yes}, Case{302, Reporter::Kept::yes}}) {
    server->set({.status = each.status, .failure = {}, .rate_limits = {}, .retry_after = {}});
    Reporter reporter = make();
    std::atomic<int> done{-1};
    reporter.report(crash(), [&](Reporter::Kept kept) { done = static_cast<int>(kept); });
    EXPECT_TRUE(comes_true([&] { return done >= 0; }));
    EXPECT_EQ(done, static_cast<int>(each.kept)) << each.status;
  }
}

TEST_F(ReporterTest, sends_the_rest_at_the_end_and_gives_up_then) {
  server->set(kFailed);
  Reporter reporter = make();
  reporter.report(error("one"));
  EXPECT_TRUE(comes_true([&] { return said == 1; }));
  server->set(kTaken, /*it_hangs=*/true);
  reporter.finish(minutes(1));
  EXPECT_EQ(figures.sent + figures.unsent, 1U);
  reporter.report(error("late"));
  EXPECT_EQ(figures.unsent + figures.sent, 2U);
  reporter.finish(minutes(1));
}

TEST(Repeats, are_counted_until_the_error_is_reported_again) {
  Repeats repeats;
  const Repeats::Moment begin{hours(1'000)};
  EXPECT_EQ(repeats.take("a", begin), 0U);
  EXPECT_EQ(repeats.take("a", begin), std::nullopt);
  EXPECT_EQ(repeats.take("b", begin), 0U);
  EXPECT_EQ(repeats.take("a", begin + limits::kReportRepeatAfter - milliseconds(1)), std::nullopt);
  EXPECT_EQ(repeats.take("a", begin + limits::kReportRepeatAfter), 2U);
  EXPECT_EQ(repeats.take("a", begin + limits::kReportRepeatAfter), std::nullopt);
}

TEST(Repeats, forget_the_first_of_too_many) {
  Repeats repeats;
  const Repeats::Moment now{hours(1'000)};
  for (std::size_t i = 0; i < limits::kReportedErrorsMax; ++i) EXPECT_EQ(repeats.take(std::to_string(i), now), 0U);
  EXPECT_EQ(repeats.take("0", now), std::nullopt);
  EXPECT_EQ(repeats.take("one more", now), 0U);
  EXPECT_EQ(repeats.take("0", now), 0U);
  EXPECT_EQ(repeats.take("2", now), std::nullopt);
}

}  // namespace
}  // namespace temperature::reports
