#include "client/simulate.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include "client/stub_service.h"
#include "client/test_surroundings.h"
#include "testing/moments.h"

namespace temperature::client {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::kNow;

// Takes everything and keeps what tests ask about: the timestamps, and when each came.
class Taker {
 public:
  StubAnswer operator()(const StubRequest& request) {
    simdjson::dom::parser parser;
    std::size_t count = 0;
    for (const simdjson::dom::element reading : parser.parse(request.body).get_array()) {
      const Timestamp timestamp = timestamp_from_ms(std::int64_t(reading["timestamp"]));
      ahead += timestamp > time.now() ? 1 : 0;
      first = std::min(first, timestamp);
      last = std::max(last, timestamp);
      ++count;
    }
    total += count;
    return {.body = R"({"accepted":)" + std::to_string(count) + R"(,"duplicates":0,"conflicts":0})"};
  }

  explicit Taker(const TestTime& of) : time(of) {}

  const TestTime& time;
  std::size_t total = 0;
  std::size_t ahead = 0;
  Timestamp first = kTimestampMax;
  Timestamp last = kTimestampMin;
};

struct Scene {
  TestSurroundings here{kNow};
  Taker taker{here.time};
  SimulateOptions options;

  Scene() {
    options.house.rooms = 2;
    options.house.sensors_per_room = 3;
    options.house.interval = seconds(10);
    options.house.seed = seed_without_faults();
  }

  // So that the readings can be counted by hand.
  static std::uint64_t seed_without_faults() {
    HouseOptions house;
    house.rooms = 2;
    house.sensors_per_room = 3;
    for (house.seed = 1;; ++house.seed) {
      const SimulatedHouse candidate(house);
      bool faulty = false;
      for (std::uint32_t i = 0; i < 6; ++i) faulty |= candidate.fault(i / 3, i % 3) != Fault::none;
      if (!faulty) return house.seed;
    }
  }

  int run() {
    StubService service([this](const StubRequest& request) { return taker(request); });
    options.destination.target.url = service.url();
    return simulate(options, here.surroundings);
  }
};

TEST(Simulate, goes_on_live_for_its_duration_and_never_ahead_of_time) {
  Scene scene;
  scene.options.duration = minutes(5);
  EXPECT_EQ(scene.run(), 0) << scene.here.err.str();
  // Ticks 0, 10, ... 290 s from now on, six sensors each.
  EXPECT_EQ(scene.taker.total, 30U * 6);
  EXPECT_EQ(scene.taker.ahead, 0U);
  EXPECT_GE(scene.taker.first, kNow);
  EXPECT_GE(scene.taker.last, kNow + seconds(290));
  EXPECT_EQ(scene.here.time.now(), kNow + seconds(292));
  EXPECT_TRUE(scene.here.out.str().starts_with("accepted 180\n")) << scene.here.out.str();
}

TEST(Simulate, fills_the_past_first_without_waiting) {
  Scene scene;
  scene.options.from = minutes(60);
  scene.options.duration = minutes(1);
  EXPECT_EQ(scene.run(), 0) << scene.here.err.str();
  EXPECT_EQ(scene.taker.total, (360U + 6) * 6);
  EXPECT_EQ(scene.taker.ahead, 0U);
  EXPECT_GE(scene.taker.first, kNow - minutes(60));
  EXPECT_EQ(scene.here.time.now(), kNow + seconds(52));
}

TEST(Simulate, at_full_speed_ends_at_now) {
  Scene scene;
  scene.options.live = false;
  scene.options.from = minutes(50);
  scene.options.duration = minutes(10);
  EXPECT_EQ(scene.run(), 0) << scene.here.err.str();
  EXPECT_EQ(scene.taker.total, 360U * 6);
  EXPECT_EQ(scene.taker.ahead, 0U);
  EXPECT_TRUE(scene.here.time.waits().empty());
}

TEST(Simulate, for_ever_means_until_somebody_ends_it) {
  Scene scene;
  scene.here.time.interrupt_at(kNow + minutes(2));
  EXPECT_EQ(scene.run(), 0) << scene.here.err.str();
  // Sent 2 s after their ticks at 0, 10, ... 110 s; the one of 120 s is not due yet.
  EXPECT_TRUE(scene.here.out.str().starts_with("accepted 72\n")) << scene.here.out.str();
}

TEST(Simulate, fails_when_the_service_refuses_it) {
  Scene scene;
  StubService service([](const StubRequest&) { return StubAnswer{.status = 401, .body = "no key"}; });
  scene.options.destination.target.url = service.url();
  scene.options.from = minutes(60);
  scene.options.duration = minutes(1);
  EXPECT_EQ(simulate(scene.options, scene.here.surroundings), 1);
  EXPECT_NE(scene.here.err.str().find("401 no key"), std::string::npos) << scene.here.err.str();
}

}  // namespace
}  // namespace temperature::client
