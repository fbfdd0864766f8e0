#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "accept/acceptor.h"
#include "testing/moments.h"

namespace temperature::accept {
namespace {

using ingest::RawReading;
using ingest::SeriesMemo;
using testing::kNow;

// A reading that differs from its neighbours in these alone.
struct Given {
  const char* quantity;
  double value;
  const char* unit;
};

RawReading reading_of(const Given& given, std::uint32_t index, SeriesMemo* memo = nullptr) {
  RawReading raw;
  raw.room = "hall";
  raw.sensor = "s";
  raw.quantity = given.quantity;
  raw.unit = given.unit;
  raw.value = given.value;
  raw.timestamp_ms = to_ms(kNow) - 1'000 + index;
  raw.index = index;
  raw.memo = memo;
  return raw;
}

class GivenUnits : public ::testing::Test {
 protected:
  // The values that were taken, or the code of what was refused, each followed by a blank.
  std::string accept(const std::vector<Given>& given, SeriesMemo* memo = nullptr, bool shared = false) {
    ingest::Parsed parsed;
    for (const Given& each : given) {
      parsed.readings.push_back(reading_of(each, static_cast<std::uint32_t>(parsed.readings.size()), memo));
      parsed.readings.back().unit_shared = shared;
    }
    const Admission admission = Acceptor(options_, catalogue_).accept(parsed, "test", kNow);
    std::string text;
    if (admission.batch) {
      for (const double value : admission.batch->readings().values) text += std::to_string(value) + ' ';
    }
    for (const auto& rejected : admission.rejected) {
      text += std::string(traits(rejected.error.code).code) + ' ';
      detail_ = rejected.error.detail;
    }
    return text;
  }

  AcceptorOptions options_;
  catalogue::Catalogue catalogue_{100};
  std::string detail_;  // of the last one that was refused
};

TEST_F(GivenUnits, are_turned_into_the_quantitys) {
  EXPECT_EQ(accept({{"temperature", 77, "deg F"}, {"", 77, "ºF"}, {"", 300.15, "Kelvin"}, {"", 25, " CELSIUS"}}),
            "25.000000 25.000000 27.000000 25.000000 ");
  EXPECT_EQ(accept({{"pressure", 101'325, "Pa"}, {"pressure", 29.5, "inHg"}, {"pressure", 1, "bar"}}),
            "1013.250000 998.984649 1000.000000 ");
  EXPECT_EQ(accept({{"temperature", 20, "hPa"}, {"humidity", 40, "°F"}, {"co2", 1, "%"}}),
            "unit_mismatch unit_mismatch unit_mismatch ");
}

TEST_F(GivenUnits, of_a_new_quantity_are_the_first_ones) {
  EXPECT_EQ(accept({{"power", 1.5, "kW"}, {"power", 500, "W"}, {"power", 2, ""}}), "1.500000 0.500000 2.000000 ");
  EXPECT_EQ(catalogue_.unit("power"), "kW");
  EXPECT_EQ(accept({{"power", 250, "W"}, {"power", 20, "°C"}, {"power", 1, "hp"}}),
            "0.250000 unit_mismatch unit_mismatch ");
  EXPECT_EQ(accept({{"wind", 5, " m/s "}, {"wind", 6, "m/s"}}), "5.000000 6.000000 ");
  EXPECT_EQ(catalogue_.unit("wind"), "m/s");
  EXPECT_EQ(accept({{"rain", 5, "  "}}), "5.000000 ") << "blanks are no unit";
  EXPECT_EQ(catalogue_.unit("rain"), "");
}

TEST_F(GivenUnits, are_remembered_with_the_series) {
  SeriesMemo memo;
  for (int turn = 0; turn < 3; ++turn) EXPECT_EQ(accept({{"", 77, "°F"}}, &memo), "25.000000 ");
  EXPECT_TRUE(memo.known);
  SeriesMemo power;
  EXPECT_EQ(accept({{"power", 2, "kW"}}), "2.000000 ");
  for (int turn = 0; turn < 3; ++turn) EXPECT_EQ(accept({{"power", 500, "W"}}, &power), "0.500000 ");
}

// A unit on a line of several readings need not be that of each.
TEST_F(GivenUnits, that_are_shared_count_where_they_fit_and_fix_nothing) {
  SeriesMemo memo;
  EXPECT_EQ(accept({{"power", 500, "W"}}, &memo, true), "500.000000 ");
  EXPECT_EQ(catalogue_.unit("power"), "");
  EXPECT_FALSE(memo.known) << "another reading may still fix the unit";
  EXPECT_EQ(accept({{"power", 2, "kW"}}), "2.000000 ");
  EXPECT_EQ(accept({{"power", 500, "W"}, {"power", 70, "°F"}}, &memo, true), "0.500000 70.000000 ");
}

TEST_F(GivenUnits, of_a_folder_of_before_are_read_as_they_were) {
  options_.reading_rules = ReadingRules::former;
  EXPECT_EQ(accept({{"", 77, "°F"}, {"", 300.15, "K"}, {"pressure", 1'013, "mbar"}}),
            "25.000000 27.000000 1013.000000 ");
  EXPECT_EQ(accept({{"", 77, "deg F"}, {"pressure", 1, "bar"}}), "unit_mismatch unit_mismatch ");
  EXPECT_EQ(accept({{"power", 1.5, "kW"}, {"power", 500, "W"}}), "1.500000 unit_mismatch ");
}

TEST_F(GivenUnits, end_at_absolute_zero) {
  for (const auto rules : {ReadingRules::former, ReadingRules::current}) {
    options_.reading_rules = rules;
    EXPECT_EQ(accept({{"", -273.15, ""}, {"", 0, "K"}, {"", -459.67, "°F"}}), "-273.150000 -273.150000 -273.150000 ");
    EXPECT_EQ(accept({{"", -273.16, ""}, {"", -0.01, "K"}, {"", -459.68, "°F"}}),
              "out_of_range out_of_range out_of_range ");
    EXPECT_NE(detail_.find("absolute zero"), std::string::npos) << detail_;
    EXPECT_EQ(accept({{"power", -5'000, ""}}), "-5000.000000 ");
  }
  SeriesMemo memo;
  EXPECT_EQ(accept({{"", 1, ""}}, &memo), "1.000000 ");
  ASSERT_TRUE(memo.known);
  EXPECT_EQ(accept({{"", -300, ""}}, &memo), "out_of_range ");
}

TEST_F(GivenUnits, end_at_the_range_that_the_operator_gave) {
  options_.ranges.keep("temperature", {-40, 60});
  options_.ranges.keep("humidity", {0, 100});
  EXPECT_EQ(accept({{"", -40, ""}, {"", 60, ""}, {"humidity", 0, ""}, {"co2", 2'000, ""}, {"power", -10, ""}}),
            "-40.000000 60.000000 0.000000 2000.000000 -10.000000 ");
  EXPECT_EQ(accept({{"", -40.5, ""}, {"humidity", 100.5, "%"}}), "out_of_range out_of_range ");
  EXPECT_EQ(accept({{"", 100, "°F"}}), "37.777778 ") << "the range is of the kept unit";
  EXPECT_EQ(accept({{"", 200, "°F"}}), "out_of_range ");
  EXPECT_NE(detail_.find("-40..60"), std::string::npos) << detail_;
  EXPECT_EQ(accept({{"", -300, ""}}), "out_of_range ");
  EXPECT_NE(detail_.find("absolute zero"), std::string::npos) << detail_;
}

TEST_F(GivenUnits, refuse_what_no_double_holds) {
  EXPECT_EQ(accept({{"pressure", 1e308, "bar"}, {"", 1e308, "°F"}}), "value_invalid value_invalid ");
}

// The first of two readings that name a unit fixes it; the range is that of what is kept.
TEST_F(GivenUnits, that_were_fixed_by_a_neighbour_are_judged_after_it) {
  options_.ranges.keep("power", {0, 10});
  EXPECT_EQ(accept({{"power", 5, "W"}, {"power", 4, "kW"}}), "5.000000 out_of_range ");
  EXPECT_EQ(catalogue_.unit("power"), "W");
  options_.ranges.keep("energy", {0, 10});
  EXPECT_EQ(accept({{"energy", 500, "Wh"}, {"energy", 5, "kWh"}, {"energy", 4'000, "Wh"}}),
            "5.000000 4.000000 out_of_range ");
  EXPECT_EQ(catalogue_.unit("energy"), "kWh") << "what is refused fixes nothing";
}

}  // namespace
}  // namespace temperature::accept
