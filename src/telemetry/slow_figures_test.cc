#include "telemetry/slow_figures.h"

#include <gtest/gtest.h>

#include <future>
#include <set>
#include <thread>

#include "telemetry/metrics_page.h"

namespace temperature::telemetry {
namespace {

using std::chrono::milliseconds;

TEST(SlowFigures, are_there_when_it_has_started) {
  SlowFigures figures(std::chrono::hours(1));
  const auto& first = figures.add([] { return 17U; });
  const auto& second = figures.add([] { return 4U; });
  figures.start();
  EXPECT_EQ(first.load(), 17U);
  EXPECT_EQ(second.load(), 4U);
}

TEST(SlowFigures, are_looked_at_again_on_a_thread_of_their_own) {
  SlowFigures figures{milliseconds(1)};
  std::uint64_t looks = 0;
  std::set<std::thread::id> threads;
  std::promise<void> often;
  const auto& figure = figures.add([&] {
    threads.insert(std::this_thread::get_id());
    if (++looks == 5) often.set_value();
    return looks;
  });
  figures.start();
  EXPECT_TRUE(threads.contains(std::this_thread::get_id())) << "the first look is the caller's";
  often.get_future().wait();
  figures.stop();
  EXPECT_GE(figure.load(), 5U);
  EXPECT_EQ(figure.load(), looks) << "nobody looks any more";
  EXPECT_EQ(threads.size(), 2U);
}

TEST(SlowFigures, stop_without_a_start) {
  SlowFigures figures;
  figures.add([] { return 1U; });
  figures.stop();
  figures.stop();
}

TEST(ProcessMetrics, say_what_they_are_given) {
  MetricsPage page(Exposition::text);
  add_process_metrics(page, 17, 1'700'000'000);
  const std::string text = page.finish();
  EXPECT_NE(text.find("\nprocess_open_fds 17\n"), std::string::npos) << text;
  EXPECT_TRUE(text.ends_with("\nprocess_start_time_seconds 1700000000\n")) << text;
  EXPECT_GE(count_open_files(), 3U);
}

}  // namespace
}  // namespace temperature::telemetry
