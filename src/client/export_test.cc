#include "client/export.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "client/problem.h"
#include "client/stub_service.h"
#include "client/test_surroundings.h"
#include "testing/moments.h"

namespace temperature::client {
namespace {

using testing::kNow;

const std::string kRooms =
    R"({"rooms":[{"building":"b","room":"a/1","quantities":[{"quantity":"temperature","unit":"°C"}]},)"
    R"({"building":"b","room":"two","quantities":[{"quantity":"co2","unit":null}]}],"next":null})";

std::string row(const std::string& sensor, int second, const std::string& value) {
  return R"({"building":"b","room":"r","sensor":")" + sensor + R"(","quantity":"q","timestamp":"2023-11-14T22:13:)" +
         std::to_string(second) + R"(.000Z","value":)" + value + "}\n";
}

// Runs an export to a file; returns its lines.
struct Exported {
  int code = 0;
  std::string text;
  std::string err;
};

Exported export_from(const StubService& service, ExportOptions options) {
  const std::filesystem::path file =
      std::filesystem::temp_directory_path() / ("export-" + std::to_string(::getpid()) + ".csv");
  TestSurroundings here(kNow);
  options.target.url = service.url();
  options.path = file.string();
  Exported exported;
  exported.code = export_readings(options, here.surroundings);
  std::ifstream in(file, std::ios::binary);
  exported.text = {std::istreambuf_iterator<char>(in), {}};
  exported.err = here.err.str();
  std::filesystem::remove(file);
  return exported;
}

TEST(Export, writes_room_after_room) {
  StubService service([](const StubRequest& request) {
    if (request.line.starts_with("GET /v1/rooms")) return StubAnswer{.body = kRooms};
    if (request.line.find("room=a%2F1") != std::string::npos) {
      return StubAnswer{.body = row("s,1", 20, "20.5") + row("t", 20, "-0")};
    }
    return StubAnswer{.body = row("u", 21, "400")};
  });
  const Exported csv = export_from(service, {});
  EXPECT_EQ(csv.code, 0) << csv.err;
  EXPECT_EQ(csv.text,
            "timestamp,building,room_id,sensor_id,quantity,unit,value\r\n"
            "2023-11-14T22:13:20.000Z,b,a/1,\"s,1\",temperature,°C,20.5\r\n"
            "2023-11-14T22:13:20.000Z,b,a/1,t,temperature,°C,-0\r\n"
            "2023-11-14T22:13:21.000Z,b,two,u,co2,,400\r\n");
  EXPECT_NE(csv.err.find("3 readings"), std::string::npos) << csv.err;
  ExportOptions json;
  json.format = ExportFormat::ndjson;
  json.quantity = "co2";
  EXPECT_EQ(export_from(service, json).text, R"({"building":"b","room":"two","sensor":"u","quantity":"co2",)"
                                             R"("timestamp":"2023-11-14T22:13:21.000Z","value":400})"
                                             "\n");
}

TEST(Export, passes_on_what_narrows_it) {
  StubService service([](const StubRequest& request) {
    return StubAnswer{.body = request.line.starts_with("GET /v1/rooms") ? kRooms : ""};
  });
  ExportOptions options;
  options.building = "b";
  options.room = "two";
  options.sensor = "s&t";
  options.from = "2023-11-14T00:00:00Z";
  options.to = "1700000000000";
  EXPECT_EQ(export_from(service, options).code, 0);
  const auto requests = service.requests();
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_NE(requests[0].line.find("building=b"), std::string::npos);
  EXPECT_EQ(requests[1].line,
            "GET /v1/readings?building=b&room=two&quantity=co2&format=ndjson&sensor=s%26t&from=2023-11-14T00%3A00%3A00Z"
            "&to=1700000000000 HTTP/1.1");
}

// A stream that breaks goes on where it broke, and nothing is written twice.
TEST(Export, takes_up_a_stream_that_broke) {
  int streams = 0;
  StubService service([&streams](const StubRequest& request) {
    if (request.line.starts_with("GET /v1/rooms")) return StubAnswer{.body = kRooms};
    if (request.line.find("room=two") != std::string::npos) return StubAnswer{};
    ++streams;
    if (streams == 1) {
      return StubAnswer{.body = row("a", 10, "1") + row("b", 10, "2") + row("c", 10, "3").substr(0, 30), .cut = true};
    }
    if (streams == 2) return StubAnswer{.status = 503, .body = R"({"code":"overloaded","detail":"busy"})"};
    return StubAnswer{.body = row("a", 10, "1") + row("b", 10, "2") + row("c", 10, "3") + row("a", 11, "4")};
  });
  const Exported exported = export_from(service, {});
  EXPECT_EQ(exported.code, 0) << exported.err;
  EXPECT_EQ(std::count(exported.text.begin(), exported.text.end(), '\n'), 5) << exported.text;
}

TEST(Export, names_what_the_service_cannot_read_and_goes_on) {
  StubService service([](const StubRequest& request) {
    if (request.line.starts_with("GET /v1/rooms")) return StubAnswer{.body = kRooms};
    if (request.line.find("room=two") != std::string::npos) return StubAnswer{.body = row("u", 21, "400")};
    return StubAnswer{.status = 503, .body = R"({"code":"history_failed","detail":"a chunk is damaged"})"};
  });
  const Exported exported = export_from(service, {});
  EXPECT_EQ(exported.code, 1);
  EXPECT_NE(exported.err.find("temperature of \"a/1\""), std::string::npos) << exported.err;
  EXPECT_NE(exported.err.find("a chunk is damaged"), std::string::npos) << exported.err;
  EXPECT_NE(exported.text.find(",two,u,co2,,400"), std::string::npos);
}

TEST(Export, leaves_no_file_when_it_may_not_read) {
  StubService service(
      [](const StubRequest&) { return StubAnswer{.status = 401, .body = R"({"detail":"who are you"})"}; });
  const Exported exported = export_from(service, {});
  EXPECT_EQ(exported.code, 1);
  EXPECT_NE(exported.err.find("who are you"), std::string::npos) << exported.err;
  EXPECT_NE(exported.err.find("--key"), std::string::npos) << exported.err;
  EXPECT_TRUE(exported.text.empty());
}

TEST(Address, encodes_what_a_query_cannot_hold) {
  EXPECT_EQ(address("/v1/rooms", {}), "/v1/rooms");
  EXPECT_EQ(address("/v1/rooms", {{"a", "b c&d=é"}, {"e", "f"}}), "/v1/rooms?a=b%20c%26d%3D%C3%A9&e=f");
}

}  // namespace
}  // namespace temperature::client
