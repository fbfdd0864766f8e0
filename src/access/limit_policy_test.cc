#include "access/limit_policy.h"

#include <gtest/gtest.h>

#include <map>

#include "access/credentials_for_test.h"

namespace temperature::access {
namespace {

// Buckets that say what the test wants, and note who asked.
class ScriptedBuckets final : public Buckets {
 public:
  Taken take(LimitKind kind, std::string_view owner, const Rate&, double cost, std::chrono::nanoseconds) override {
    asked += std::string(limit_name(kind)) + ":" + std::string(owner) + "=" + std::to_string(int(cost)) + " ";
    const auto found = refusals.find(kind);
    return found == refusals.end() ? Taken{true, 5, {}} : Taken{false, 2.5, found->second};
  }
  void give_back(LimitKind kind, std::string_view, const Rate&, double cost) override {
    asked += "back:" + std::string(limit_name(kind)) + "=" + std::to_string(int(cost)) + " ";
  }

  std::map<LimitKind, std::chrono::nanoseconds> refusals;
  std::string asked;
};

class LimitPolicyTest : public ::testing::Test {
 protected:
  const Rate rate{10, 600};
  ScriptedBuckets buckets;
  FixedStopwatch stopwatch;
  LimitPolicy policy{{rate, rate, rate, rate, rate, rate}, buckets, stopwatch};
  const Principal sensor{.role = Role::sensor, .name = "sensor:s1", .subject = "s1"};
  const Principal key{.role = Role::writer, .name = "key:k1", .subject = "k1"};
  const Principal operator_{.role = Role::admin, .name = "admin"};
};

TEST_F(LimitPolicyTest, AsksTheServiceFirstThenTheSender) {
  EXPECT_FALSE(policy.charge(sensor, 3));
  EXPECT_FALSE(policy.charge(key, 4));
  EXPECT_FALSE(policy.charge(operator_, 5));
  EXPECT_EQ(buckets.asked, "service:=3 sensor:s1=3 service:=4 key:k1=4 service:=5 ");
}

TEST_F(LimitPolicyTest, TakesFromNoLimitWhenOneIsReached) {
  buckets.refusals = {{LimitKind::sensor, std::chrono::milliseconds(1'200)}};
  const auto limited = policy.charge(sensor, 3);
  ASSERT_TRUE(limited);
  EXPECT_EQ(limited->kind, LimitKind::sensor);
  EXPECT_EQ(limited->remaining, 2U);
  EXPECT_EQ(limited->retry_after_s, 2U);  // rounded up
  EXPECT_EQ(buckets.asked, "service:=3 sensor:s1=3 back:service=3 ");

  buckets.asked.clear();
  buckets.refusals = {{LimitKind::service, std::chrono::milliseconds(1)}};
  EXPECT_EQ(policy.charge(sensor, 3)->retry_after_s, 1U);
  EXPECT_EQ(buckets.asked, "service:=3 ");
}

TEST_F(LimitPolicyTest, LeavesOutWhatHasNoLimit) {
  LimitPolicy free({}, buckets, stopwatch);
  EXPECT_FALSE(free.charge(sensor, 3));
  const auto trial = free.may_try("s1", "10.0.0.1");
  ASSERT_TRUE(trial);
  free.wrong_signature(*trial, "s1", "10.0.0.1");
  EXPECT_EQ(buckets.asked, "");
}

TEST_F(LimitPolicyTest, CountsWrongSignaturesBySensorThenByAddressThenOfAll) {
  const auto tried = [this] {
    buckets.asked.clear();
    const auto trial = policy.may_try("s1", "10.0.0.1");
    if (trial) policy.wrong_signature(*trial, "s1", "10.0.0.1");
    return trial;
  };
  EXPECT_EQ(tried(), LimitKind::trials_of_sensor);
  EXPECT_EQ(buckets.asked, "address:s1=0 address:s1=1 ");  // is told as the address's
  buckets.refusals = {{LimitKind::trials_of_sensor, std::chrono::seconds(9)}};
  EXPECT_EQ(tried(), LimitKind::address);
  EXPECT_EQ(buckets.asked, "address:s1=0 address:10.0.0.1=0 address:10.0.0.1=1 ");
  buckets.refusals[LimitKind::address] = std::chrono::seconds(3);
  EXPECT_EQ(tried(), LimitKind::trials);
  EXPECT_EQ(buckets.asked, "address:s1=0 address:10.0.0.1=0 address:=0 address:=1 ");
  buckets.refusals[LimitKind::trials] = std::chrono::seconds(1);
  const auto refused = tried();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, LimitKind::address);
  EXPECT_EQ(refused.error().retry_after_s, 3U);
}

}  // namespace
}  // namespace temperature::access
