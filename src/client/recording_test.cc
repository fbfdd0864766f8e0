#include "client/recording.h"

#include <gtest/gtest.h>

#include <vector>

#include "client/bounds.h"
#include "client/gzip_for_test.h"

namespace temperature::client {
namespace {

// What each line is: "room/sensor quantity unit @ms value", or why it is nothing.
std::vector<std::string> lines_of(const std::string& text, std::size_t bytes_at_once = 1 << 20,
                                  const TextLayout& layout = {}) {
  MemorySource source(text, bytes_at_once);
  Recording recording(source, layout);
  std::vector<std::string> lines;
  if (auto begun = recording.begin(); !begun) return {begun.error().detail};
  for (auto more = recording.next(); more && *more; more = recording.next()) {
    const auto reading = recording.reading();
    std::string line = std::to_string(recording.line()) + ": ";
    if (reading) {
      for (const std::string_view name :
           {reading->building, reading->room, reading->sensor, reading->quantity, reading->unit}) {
        line += std::string(name) + " ";
      }
      line += "@" + std::to_string(to_ms(reading->timestamp)) + " " + std::to_string(reading->value);
    } else {
      line += reading.error();
    }
    lines.push_back(line);
  }
  return lines;
}

constexpr const char* kComesTwice =
    "6: 2026-10-25 02:30:00.000 comes twice in Europe/Berlin: clocks were put back; --ambiguous earlier, later or "
    "increasing says which is meant";

TEST(Recording, reads_csv_by_its_header) {
  EXPECT_EQ(
      lines_of("value,sensor,room,timestamp\n20.5,s,hall,1700000000000\nx,s,hall,1700000000000\n"),
      (std::vector<std::string>{"2:  hall s   @1700000000000 20.500000", "3: the value \"x\" is no finite number"}));
}

TEST(Recording, reads_ndjson) {
  const std::string text =
      "\n  {\"room\":\"hall\",\"sensor\":\"s\",\"timestamp\":1700000000000,\"value\":20.5}\r\n"
      "\n"
      "{\"building\":\"b\",\"room\":\"h\\u00e4ll\",\"sensor\":\"s\",\"quantity\":\"co2\",\"unit\":\"ppm\","
      "\"timestamp\":\"2023-11-14T22:13:20.001Z\",\"value\":4}";
  const std::vector<std::string> want{"2:  hall s   @1700000000000 20.500000",
                                      "4: b häll s co2 ppm @1700000000001 4.000000"};
  EXPECT_EQ(lines_of(text), want);
  EXPECT_EQ(lines_of(gzip(text)), want);
  for (const std::size_t bytes_at_once : {1U, 2U, 7U, 64U}) EXPECT_EQ(lines_of(text, bytes_at_once), want);
}

TEST(Recording, says_what_is_wrong_with_a_line_and_goes_on) {
  const std::string good = R"({"room":"r","sensor":"s","timestamp":1,"value":2})";
  const std::vector<std::pair<std::string, std::string>> cases{
      {"{", "it is no JSON object"},
      {R"({"room":"r","sensor":"s","timestamp":1,"value":2} {})", "it is no JSON object"},
      {R"({"room":"r","sensor":"s","timestamp":1,"value":NaN})", "it is no JSON object"},
      {"   ", "it is no JSON object"},
      {"7", "a reading must be an object, not a number"},
      {"[]", "a reading must be an object, not an array"},
      {R"({"sensor":"s","timestamp":1,"value":2})", "field \"room\" is missing"},
      {R"({"room":"r","sensor":null,"timestamp":1,"value":2})", "field \"sensor\" is missing"},
      {R"({"room":7,"sensor":"s","timestamp":1,"value":2})", "field \"room\" must be a string"},
      {R"({"room":"r","sensor":"s","value":2})", "field \"timestamp\" is missing"},
      {R"({"room":"r","sensor":"s","Time":null,"value":2})", "field \"timestamp\" is missing"},
      {R"({"room":"r","sensor":"s","timestamp":"noon","value":2})", "field \"timestamp\" "},
      {R"({"room":"r","sensor":"s","Timestamp":"noon","value":2})", "field \"Timestamp\" (timestamp) "},
      {R"({"room":"r","sensor":"s","timestamp":1.5,"value":2})", "field \"timestamp\" must be whole milliseconds"},
      {R"({"room":"r","sensor":"s","timestamp":1,"value":"2,5"})", "field \"value\" must be a number"},
      {R"({"room":"r","sensor":"s","timestamp":1})", "field \"value\" is missing"},
      {R"({"room":"r","sensor":"s","date":1,"value":2})", "field \"date\" is not taken as the timestamp"},
      {R"({"room":"r","sensor":"s","ts":1,"value":2,"scale":"F"})", "field \"scale\" is not taken as the unit"},
      {R"({"room":"r","sensor":"s","ts":1,"time":2,"value":2})", "field \"ts\" and field \"time\" both mean"},
      {std::string(kRecordBytesMax + 1, 'x'), "the line is too long"},
  };
  for (const auto& [line, why] : cases) {
    for (const std::size_t bytes_at_once : {std::size_t{1} << 20U, std::size_t{1'000}}) {
      const auto lines = lines_of(good + "\n" + line + "\n" + good, bytes_at_once);
      ASSERT_EQ(lines.size(), 3U) << line;
      EXPECT_EQ(lines[0], "1:  r s   @1 2.000000");
      EXPECT_TRUE(lines[1].starts_with("2: " + why)) << lines[1];
      EXPECT_EQ(lines[2], "3:  r s   @1 2.000000");
    }
  }
}

TEST(Recording, reads_ndjson_by_every_name_that_the_table_has) {
  EXPECT_EQ(
      lines_of(R"({"Time":1,"Room":"r","device_id":"s","Value":"72.5","Unit":"\u00b0F","type":"DHT22"})"
               "\n"
               R"({"timestamp":1,"ts":2,"room":"r","room_id":"x","sensor":"s","value":-0.0,"uom":"K"})"
               "\n"
               R"({"ts":"1970-01-01T00:00:00.001Z","ROOM":"r","sensor":"s","value":" 4 ","type":"co2"})"),
      (std::vector<std::string>{"1:  r s  °F @1 72.500000", "2:  r s  K @1 -0.000000", "3:  r s co2  @1 4.000000"}));
}

TEST(Recording, takes_a_line_of_the_greatest_length) {
  std::string line = R"({"room":"r","sensor":"s","timestamp":1,"value":2,"more":")";
  line += std::string(kRecordBytesMax - line.size() - 2, 'x') + "\"}";
  ASSERT_EQ(line.size(), kRecordBytesMax);
  EXPECT_EQ(lines_of(line + "\n"), (std::vector<std::string>{"1:  r s   @1 2.000000"}));
}

TEST(Recording, of_nothing_is_said_to_be_empty) {
  EXPECT_EQ(lines_of(""), (std::vector<std::string>{"the file is empty; it must begin with a header"}));
}

TEST(Recording, passes_over_a_byte_order_mark) {
  const std::string json = R"({"room":"hall","sensor":"s","timestamp":1,"value":2})";
  const std::string csv = "timestamp,room,sensor,value\n1,hall,s,2\n";
  for (const std::string mark : {"", "\xef\xbb\xbf", "\n", "\xef\xbb\xbf\n"}) {
    const bool blank = mark.ends_with('\n');
    for (const std::size_t bytes_at_once : {1U, 2U, 64U}) {
      EXPECT_EQ(lines_of(mark + json, bytes_at_once),
                (std::vector<std::string>{(blank ? "2" : "1") + std::string(":  hall s   @1 2.000000")}));
    }
    EXPECT_EQ(lines_of(gzip(mark + json)).size(), 1U);
  }
  EXPECT_EQ(lines_of("\xef\xbb\xbf" + csv), (std::vector<std::string>{"2:  hall s   @1 2.000000"}));
  std::string wide = "\xff\xfe";
  for (const char c : json) wide += {c, '\0'};
  EXPECT_EQ(lines_of(wide), (std::vector<std::string>{"1:  hall s   @1 2.000000"}));
}

// Files of data loggers, as the layout says them.

TextLayout layout_of(std::vector<TextLayout::Column> columns) {
  TextLayout layout;
  layout.columns = std::move(columns);
  layout.room = "attic";
  layout.sensor = "s";
  return layout;
}

TEST(Recording, has_a_reading_for_each_column_of_a_quantity) {
  TextLayout layout = layout_of({{"timestamp", "date time"}, {"temperature", "Temp,"}, {"humidity", "RH"}});
  layout.skip_rows = 1;
  layout.time_format = "%m/%d/%y %I:%M:%S %p";
  const std::string text =
      "\xef\xbb\xbf\"Plot Title: attic, \"\"1\"\"\"\n"
      "\"#\",\"Date Time, GMT+01:00\",\"Temp, °F (LGR S/N: 1)\",\"Temp - Avg, °F (LGR S/N: 1)\",\"RH, % "
      "(LGR)\",\"End Of File\"\n"
      "1,01/01/70 01:00:01 AM,72.5,72.5,43.8,\n"
      "2,01/01/70 01:00:02\xe2\x80\xaf"
      "AM,72.6,72.5,,\n"
      "3,01/01/70 01:00:03 AM,,,,Logged\n"
      "4,13/01/70 01:00:04 AM,72.6,,,\n"
      "5,01/01/70 01:00:05 AM,72.6,,1,,,\n"
      "6,01/01/70 01:00:06 AM,72,6,1,,7\n";
  const std::string form = "is not as --time-format says";
  EXPECT_EQ(lines_of(text, 1 << 20, layout),
            (std::vector<std::string>{
                "3:  attic s temperature °F @1000 72.500000", "3:  attic s humidity % @1000 43.800000",
                "4:  attic s temperature °F @2000 72.600000", "6: the timestamp \"13/01/70 01:00:04 AM\" " + form,
                "7:  attic s temperature °F @5000 72.600000", "7:  attic s humidity % @5000 1.000000",
                "8: 7 fields where the header has 6"}));
}

TEST(Recording, joins_a_date_and_a_time_and_takes_decimal_commas) {
  TextLayout layout = layout_of({{"date", "Datum"}, {"time", "2"}, {"value", "T [°C]"}, {"room", "Raum"}});
  layout.delimiter = ';';
  layout.decimal_comma = true;
  layout.time_format = "%d.%m.%Y %H:%M";
  layout.zone = TimeZone::named("Europe/Berlin").value();
  EXPECT_EQ(
      lines_of("Datum;Zeit;T [°C];Raum\n"
               "01.07.2026;12:00;21,5;Küche\n"
               "01.07.2026;12:01; -3 ;\n"
               "01.07.2026;12:02;1.234;Bad\n"
               "29.03.2026;02:30;1;Bad\n"
               "25.10.2026;02:30;1;Bad\n",
               7, layout),
      (std::vector<std::string>{
          "2:  Küche s  °C @1782900000000 21.500000", "3:  attic s  °C @1782900060000 -3.000000",
          "4: the value \"1.234\" is no finite number",
          "5: 2026-03-29 02:30:00.000 does not exist in Europe/Berlin: clocks were put forward over it", kComesTwice}));
}

TEST(Recording, refuses_what_it_would_have_to_guess) {
  const auto f = [](const std::string& header, const std::string& row, const TextLayout& layout,
                    std::string_view want) {
    const auto lines = lines_of(header + "\n" + row + "\n", 1 << 20, layout);
    ASSERT_EQ(lines.size(), 1U) << want;
    EXPECT_NE(lines[0].find(want), std::string::npos) << lines[0];
  };
  const TextLayout plain = layout_of({{"timestamp", "Time"}, {"temperature", "Temp"}});
  f("Time,Temp", "03/04/26 10:00,20", plain, "which number is the day and which the month: --time-format");
  f("Time,Temp", "2026-04-03 10:00,20", plain, "it has no offset from UTC; --time-zone");
  f("Time,\"Temp, ?F (LGR)\"", "1,20", plain, "the unit \"?F\" of the column \"Temp, ?F (LGR)\" is not known");
  f("Time,Temp \xb0"
    "C",
    "1,20", plain, "the header is no UTF-8; --encoding");
  f("Time,Temp_1,Temp_2", "1,20,20", plain, "is how several headers begin. The columns are 1 \"Time\", 2 \"Temp_1\"");
  f("Time,Temp,temp", "1,20,20", plain, "is the header of several");
  f("Time,T", "1,20", plain, "\"Temp\" is the header of none");
  f("Time,T", "1,20", layout_of({{"timestamp", "Time"}, {"temperature", "3"}}), "is the number of none");
  f("Time,T", "1,20", layout_of({{"timestamp", "Time"}, {"time", "Time"}, {"value", "T"}}),
    "timestamp beside date or time");
  f("Time,T", "1,20", layout_of({{"value", "T"}}), "the header lacks timestamp;");
  f("Time,T", "1,20", layout_of({{"timestamp", "Time"}}), "the header lacks value;");
  f("Time,T", "1,20", layout_of({{"timestamp", "1"}, {"co2", "T"}, {"co2", "2"}}), "names co2 twice");
  f("Time,T", "1,20", layout_of({{"timestamp", "1"}, {"co2", "T"}, {"value", "2"}}), "says the quantity");
  TextLayout layout = plain;
  layout.units = {{"", "°C"}};
  f("Time,Temp °F", "1,20", layout, "says °F, --unit says °C");
  layout.units = {{"humidity", "%"}};
  f("Time,Temp", "1,20", layout, "the file has no such quantity");
  layout.columns.push_back({"humidity", "RH"});
  layout.units = {{"", "°C"}};
  f("Time,Temp,RH", "1,20,50", layout, "--unit °C is of which quantity?");
  layout = plain;
  layout.zone = TimeZone::named("Europe/Berlin").value();
  f("\"Time, GMT+01:00\",Temp", "2026-07-01 12:00,20", layout,
    "the header says GMT+01:00, but Europe/Berlin is another");
  layout = {};
  layout.room = "attic";
  f(R"({"sensor":"s"})", "", layout, "the file is NDJSON");
}

TEST(Recording, says_what_its_columns_were_taken_for) {
  TextLayout layout = layout_of({{"timestamp", "Time"}, {"temperature", "Temp"}, {"humidity", "3"}});
  layout.units = {{"temperature", "degF"}};
  layout.zone = TimeZone::named("Europe/Berlin").value();
  MemorySource source("Time,Temp,RH\n2026-07-01 12:00,,\n2026-07-01 12:00,68,\n");
  Recording recording(source, layout);
  ASSERT_TRUE(recording.begin());
  EXPECT_EQ(recording.description(),
            "  timestamp: Time, Europe/Berlin\n  temperature: Temp, °F\n  humidity: RH, in the quantity's own unit\n");
  ASSERT_TRUE(recording.next().value());
  EXPECT_EQ(recording.reading().value().unit, "°F");
  EXPECT_FALSE(recording.next().value());
  EXPECT_EQ(recording.without_value(), 3U);
}

}  // namespace
}  // namespace temperature::client
