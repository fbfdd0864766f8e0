#include "summary/exact_sum.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace temperature::summary {
namespace {

using boost::multiprecision::cpp_int;

// The value in units of 2^-1074, where every double is whole.
cpp_int in_smallest_units(double value) {
  int exponent = 0;
  const double fraction = std::frexp(value, &exponent);
  const auto mantissa = static_cast<std::int64_t>(std::ldexp(fraction, 53));
  const int shift = exponent - 53 + 1074;
  cpp_int units = mantissa;
  return shift >= 0 ? cpp_int(units << shift) : cpp_int(units >> -shift);
}

// Whether no double is nearer to sum / count than `mean`.
bool is_nearest(const std::vector<double>& values, double mean) {
  cpp_int sum = 0;
  for (const double value : values) sum += in_smallest_units(value);
  const cpp_int count = values.size();
  const cpp_int error = abs(sum - in_smallest_units(mean) * count);
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double other : {std::nextafter(mean, -infinity), std::nextafter(mean, infinity)}) {
    if (std::isfinite(other) && abs(sum - in_smallest_units(other) * count) < error) return false;
  }
  return true;
}

double mean_of(const std::vector<double>& values) {
  ExactSum sum;
  for (const double value : values) sum.add(value);
  return sum.mean(values.size());
}

TEST(ExactSum, of_three_rooms_is_their_mean) {
  EXPECT_EQ(mean_of({20.0, 22.0, 24.0}), 22.0);
}

TEST(ExactSum, keeps_the_small_beside_the_huge) {
  EXPECT_EQ(mean_of({1e300, 1.0, -1e300}), 1.0 / 3.0);
  EXPECT_EQ(mean_of({1e16, 1.0, -1e16, 1.0}), 0.5);
  EXPECT_EQ(mean_of({1e16, 1e-300, -1e16}), 1e-300 / 3.0);
}

TEST(ExactSum, does_not_overflow) {
  const double max = std::numeric_limits<double>::max();
  EXPECT_EQ(mean_of({max, max, max}), max);
  EXPECT_EQ(mean_of({-max, -max}), -max);
}

TEST(ExactSum, takes_the_smallest_numbers) {
  const double smallest = std::numeric_limits<double>::denorm_min();
  EXPECT_EQ(mean_of({smallest, smallest}), smallest);
  EXPECT_EQ(mean_of({smallest, -smallest}), 0.0);
  EXPECT_EQ(mean_of({0.0, -0.0}), 0.0);
}

TEST(ExactSum, spills_when_the_fixed_part_is_full) {
  const double large = 4294967295.0;  // the largest that fits has 32 bits before the point
  ExactSum sum;
  int128 fixed = 0;
  ASSERT_TRUE(to_fixed(large, fixed));
  const int128 million = fixed * (1 << 20);
  for (int i = 0; i < 64; ++i) sum.add_fixed(million);
  EXPECT_EQ(sum.mean(std::uint64_t{64} << 20U), large);
}

TEST(ExactSum, is_known_in_units_while_all_summands_fit) {
  ExactSum sum;
  sum.add(0.5);
  sum.add(0.25);
  EXPECT_TRUE(sum.fixed() == int128{3} << 70U);
  sum.add(1e10);
  EXPECT_FALSE(sum.fixed().has_value());
}

TEST(ExactSum, fits_what_sensors_send) {
  int128 fixed = 0;
  for (const double value : {0.0, -0.0, 21.37, -40.0, 101325.0, 1e-6, 0.1, 4294967295.0, -88.0}) {
    EXPECT_TRUE(to_fixed(value, fixed)) << value;
  }
  for (const double value : {4294967296.0, -1e10, 1e-9, std::numeric_limits<double>::denorm_min()}) {
    EXPECT_FALSE(to_fixed(value, fixed)) << value;
  }
}

TEST(ExactSum, small_units_stand_for_the_same_number_or_are_refused) {
  for (const double value : {0.0, -0.0, 1.0, 21.37, -40.0, 0.5, 2047.999, -2047.999, 0x1p-52}) {
    std::int64_t small = 0;
    int128 fixed = 0;
    ASSERT_TRUE(to_small(value, small)) << value;
    ASSERT_TRUE(to_fixed(value, fixed)) << value;
    EXPECT_TRUE(fixed == static_cast<int128>(small) << (kSmallExponent - kFixedExponent)) << value;
  }
  for (const double value : {0.1, -1e-6, 0x1p-53, 2048.0, -2048.0, 101325.0, 1e300,
                             std::numeric_limits<double>::denorm_min(), std::numeric_limits<double>::infinity()}) {
    std::int64_t small = 0;
    EXPECT_FALSE(to_small(value, small)) << value;
  }
}

TEST(ExactSum, is_the_nearest_double_for_any_values_in_any_order) {
  for (std::uint32_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    std::vector<double> values;
    const int count = 1 + static_cast<int>(random() % 40);
    for (int i = 0; i < count; ++i) {
      const int scale = seed % 3 == 0 ? static_cast<int>(random() % 1600) - 800 : static_cast<int>(random() % 40) - 20;
      const double fraction = static_cast<double>(static_cast<std::int64_t>(random())) / 9.3e18;
      values.push_back(std::ldexp(fraction, scale));
    }
    const double mean = mean_of(values);
    EXPECT_TRUE(is_nearest(values, mean)) << mean;
    std::shuffle(values.begin(), values.end(), random);
    EXPECT_EQ(mean_of(values), mean);
  }
}

}  // namespace
}  // namespace temperature::summary
