#include "summary/deviation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/multiprecision/cpp_bin_float.hpp>
#include <cmath>
#include <random>
#include <vector>

namespace temperature::summary {
namespace {

double deviation_of(const std::vector<double>& values) {
  Tally all;
  for (const double value : values) all.add(Sample{Timestamp(), value});
  Deviation deviation(all);
  for (const double value : values) deviation.add(value);
  return deviation.value();
}

// By the definition, with 2,000 bits.
double by_definition(const std::vector<double>& values) {
  using Wide =
      boost::multiprecision::number<boost::multiprecision::cpp_bin_float<2000, boost::multiprecision::digit_base_2>>;
  Wide sum = 0;
  for (const double value : values) sum += value;
  const Wide mean = sum / values.size();
  Wide squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return static_cast<double>(sqrt(squares / values.size()));
}

TEST(Deviation, of_a_textbook_is_two) {
  EXPECT_EQ(deviation_of({2, 4, 4, 4, 5, 5, 7, 9}), 2);
}

TEST(Deviation, of_equal_values_is_nothing) {
  EXPECT_EQ(deviation_of({21.5}), 0);
  EXPECT_EQ(deviation_of({0.1, 0.1, 0.1}), 0);
}

TEST(Deviation, is_as_defined_whatever_the_values) {
  const std::vector<std::vector<double>> sets{
      {20.01, 20.02, 20.02, 20.03, 19.99},
      {1, std::nextafter(1, 2)},  // their mean is no double
      {1e17, 1e17 + 16, 1e17 + 32},
      {1e9 + 0.1, 1e9 + 0.2, 1e9 + 0.3},
      {1e300, -1e300, 20},
      {1.7e308, -1.7e308},
      {1e-300, 3e-300, 2e-300},
      {-0.0, 0.0, 1e-30, -3e-25},
  };
  for (const auto& values : sets) {
    const double want = by_definition(values);
    EXPECT_NEAR(deviation_of(values), want, want * 1e-12) << values.front();
  }
}

TEST(Deviation, does_not_show_the_order) {
  for (std::uint32_t seed = 1; seed <= 50; ++seed) {
    std::mt19937 random(seed);
    std::vector<double> values(1 + random() % 500);
    for (double& value : values) value = static_cast<double>(random() % 4000) / 100 * (random() % 50 == 0 ? 1e12 : 1);
    const double ordered = deviation_of(values);
    const double want = by_definition(values);
    EXPECT_NEAR(ordered, want, want * 1e-13) << seed;
    std::ranges::shuffle(values, random);
    EXPECT_EQ(deviation_of(values), ordered) << seed;
  }
}

}  // namespace
}  // namespace temperature::summary
