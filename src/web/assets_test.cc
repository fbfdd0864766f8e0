#include "web/assets.h"

#include <gtest/gtest.h>
#include <simdjson.h>
#include <zlib.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "access/public_key.h"
#include "access/registry.h"
#include "answer/answer.h"
#include "answer/history.h"
#include "base/error.h"
#include "base/time.h"
#include "base/timestamp_limits.h"
#include "model/batch_limits.h"
#include "model/name_limits.h"

namespace temperature::web {
namespace {

namespace dom = simdjson::dom;

const Asset& asset(std::string_view path) {
  const auto found = std::ranges::find(assets(), path, &Asset::path);
  if (found == assets().end()) throw std::runtime_error("no asset " + std::string(path));
  return *found;
}

// What a client without our code makes of the compressed bytes.
std::string inflated(std::string_view gzip, std::size_t bytes_max) {
  std::string out(bytes_max + 1, '\0');
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 16 + MAX_WBITS), Z_OK);
  std::string in(gzip);
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

// The distinct texts that stand between `open` and the next `close`.
std::set<std::string_view> between(std::string_view text, std::string_view open, std::string_view close) {
  std::set<std::string_view> found;
  for (auto begin = text.find(open); begin != std::string_view::npos; begin = text.find(open, begin)) {
    begin += open.size();
    found.insert(text.substr(begin, text.find(close, begin) - begin));
  }
  return found;
}

class Document : public ::testing::Test {
 protected:
  dom::element at(std::string_view pointer) {
    dom::element found;
    EXPECT_EQ(root_.at_pointer(pointer).get(found), simdjson::SUCCESS) << pointer;
    return found;
  }
  void SetUp() override {
    ASSERT_EQ(parser_.parse(simdjson::padded_string(asset("/openapi.json").bytes)).get(root_), simdjson::SUCCESS);
  }

  dom::parser parser_;
  dom::element root_;
};

TEST(Assets, HoldThePageAndAllThatItNeeds) {
  const std::map<std::string_view, std::string_view> types{
      {"/openapi.json", "application/json"},
      {"/favicon.svg", "image/svg+xml"},
      {"/", "text/html; charset=utf-8"},
      {"/page/page.css", "text/css; charset=utf-8"},
      {"/page/rooms.css", "text/css; charset=utf-8"},
      {"/page/day.css", "text/css; charset=utf-8"},
      {"/page/main.js", "text/javascript; charset=utf-8"},
      {"/page/day.js", "text/javascript; charset=utf-8"},
      {"/page/chart.js", "text/javascript; charset=utf-8"},
      {"/page/rooms.js", "text/javascript; charset=utf-8"},
      {"/page/service.js", "text/javascript; charset=utf-8"},
      {"/page/words.js", "text/javascript; charset=utf-8"},
      {"/page/uplot.js", "text/javascript; charset=utf-8"},
      {"/page/uplot.css", "text/css; charset=utf-8"},
      {"/page/uplot.LICENSE.txt", "text/plain; charset=utf-8"},
      {"/docs", "text/html; charset=utf-8"},
      {"/docs/docs.css", "text/css; charset=utf-8"},
      {"/docs/docs.js", "text/javascript; charset=utf-8"},
      {"/docs/swagger-ui.css", "text/css; charset=utf-8"},
      {"/docs/swagger-ui-bundle.js", "text/javascript; charset=utf-8"},
      {"/docs/swagger-ui-bundle.js.LICENSE.txt", "text/plain; charset=utf-8"},
      {"/docs/swagger-ui.LICENSE.txt", "text/plain; charset=utf-8"},
      {"/docs/swagger-ui.NOTICE.txt", "text/plain; charset=utf-8"},
  };
  std::map<std::string_view, std::string_view> found;
  for (const Asset& each : assets()) {
    EXPECT_TRUE(found.emplace(each.path, each.content_type).second) << each.path << " stands twice";
    EXPECT_FALSE(each.bytes.empty()) << each.path;
  }
  EXPECT_EQ(found, types);
}

TEST(Assets, AreWholeFiles) {
  EXPECT_TRUE(asset("/docs").bytes.starts_with("<!DOCTYPE html>"));
  EXPECT_TRUE(asset("/docs").bytes.ends_with("</html>\n"));
  EXPECT_TRUE(asset("/favicon.svg").bytes.ends_with("</svg>\n"));
  EXPECT_NE(asset("/docs/swagger-ui-bundle.js").bytes.find("SwaggerUIBundle"), std::string_view::npos);
}

TEST(Assets, AreTheSameOnceDecompressed) {
  for (const Asset& each : assets()) {
    if (each.gzip_bytes.empty()) continue;
    EXPECT_LT(each.gzip_bytes.size(), each.bytes.size()) << each.path;
    EXPECT_TRUE(inflated(each.gzip_bytes, each.bytes.size()) == each.bytes) << each.path;
  }
  // What is large is worth compressing.
  EXPECT_FALSE(asset("/docs/swagger-ui-bundle.js").gzip_bytes.empty());
  EXPECT_FALSE(asset("/openapi.json").gzip_bytes.empty());
}

TEST(Assets, HaveATagEach) {
  std::set<std::string_view> tags;
  for (const Asset& each : assets()) {
    EXPECT_TRUE(each.etag.starts_with("W/\"") && each.etag.ends_with("\"")) << each.etag;
    EXPECT_EQ(each.etag.size(), 4 + 32) << each.etag;
    EXPECT_TRUE(tags.insert(each.etag).second) << each.path;
  }
}

// What a page's tags lead to; routes that are no files left out.
std::set<std::string_view> references_of(std::string_view page) {
  std::set<std::string_view> names = between(page, " href=\"", "\"");
  names.merge(between(page, " src=\"", "\""));
  names.erase("healthz");
  names.erase("v1/rooms");
  return names;
}

TEST(Pages, ReferToWhatTheServerHasAlone) {
  EXPECT_TRUE(references_of(asset("/docs").bytes).contains("docs/swagger-ui-bundle.js"));
  EXPECT_TRUE(references_of(asset("/").bytes).contains("page/main.js"));
  for (const std::string_view page : {"/docs", "/"}) {
    for (const std::string_view name : references_of(asset(page).bytes)) {
      EXPECT_NO_THROW(static_cast<void>(asset("/" + std::string(name)))) << name;
    }
  }
  for (const std::string_view file :
       {"/docs", "/docs/docs.js", "/docs/docs.css", "/", "/page/page.css", "/page/rooms.css", "/page/day.css",
        "/page/main.js", "/page/day.js", "/page/chart.js", "/page/rooms.js", "/page/service.js"}) {
    EXPECT_EQ(asset(file).bytes.find("://"), std::string_view::npos) << file;
  }
}

TEST(Pages, ImportWhatTheServerHasAlone) {
  std::set<std::string> imported;
  for (const Asset& each : assets()) {
    if (!each.path.starts_with("/page/") || !each.path.ends_with(".js") || each.path == "/page/uplot.js") continue;
    for (const std::string_view name : between(each.bytes, " from \"./", "\"")) imported.emplace(name);
  }
  EXPECT_TRUE(imported.contains("words.js"));
  for (const std::string& name : imported) EXPECT_NO_THROW(static_cast<void>(asset("/page/" + name))) << name;
}

TEST(Pages, HaveNothingThatTheirPolicyForbids) {
  for (const std::string_view path : {"/docs", "/"}) {
    const std::string_view page = asset(path).bytes;
    for (const std::string_view forbidden : {"<style", " style=", " onload=", " onclick=", "javascript:"}) {
      EXPECT_EQ(page.find(forbidden), std::string_view::npos) << path << forbidden;
    }
    const auto scripts = between(page, "<script", "</script>");
    EXPECT_EQ(scripts.size(), 2U);
    for (const std::string_view script : scripts) {
      EXPECT_TRUE(script.starts_with(" src=\"") && script.ends_with(">")) << script;  // nothing between its tags
    }
  }
}

// Names of rooms are outsiders' text.
TEST(Pages, SetTextAndNoMarkup) {
  for (const Asset& each : assets()) {
    if (!each.path.starts_with("/page/") || !each.path.ends_with(".js")) continue;
    for (const std::string_view forbidden : {"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(",
                                             "new Function", "localStorage", "sessionStorage", "document.cookie"}) {
      EXPECT_EQ(each.bytes.find(forbidden), std::string_view::npos) << each.path << ": " << forbidden;
    }
  }
}

TEST_F(Document, IsOfThisVersion) {
  EXPECT_TRUE(std::string_view(at("/openapi")).starts_with("3.1."));
  EXPECT_EQ(std::string_view(at("/info/version")), TEMPERATURE_VERSION);
}

TEST_F(Document, ResolvesEveryReference) {
  int references = 0;
  const std::function<void(dom::element)> visit = [&](dom::element element) {
    dom::object object;
    dom::array array;
    if (element.get(object) == simdjson::SUCCESS) {
      for (const auto& [key, value] : object) {
        std::string_view target;
        if (key == "$ref" && value.get(target) == simdjson::SUCCESS) {
          ++references;
          ASSERT_TRUE(target.starts_with("#/")) << target;
          at(target.substr(1));
        }
        visit(value);
      }
    } else if (element.get(array) == simdjson::SUCCESS) {
      for (const dom::element each : array) visit(each);
    }
  };
  visit(root_);
  EXPECT_GT(references, 100);
}

TEST_F(Document, NamesEveryErrorThatAClientCanGet) {
  std::set<std::string_view> named;
  for (const dom::element each : dom::array(at("/components/schemas/Code/enum"))) named.insert(std::string_view(each));
  std::set<std::string_view> possible;
  for (int i = 0; i <= std::to_underlying(ErrorCode::startup); ++i) {
    const ErrorTraits& row = traits(static_cast<ErrorCode>(i));
    if (row.http_status != 0) possible.insert(row.code);
  }
  EXPECT_EQ(named, possible);
}

TEST_F(Document, ExamplesOfErrorsAreAsTheTableOfErrorsSaysThem) {
  std::map<std::string_view, const ErrorTraits*> table;
  for (int i = 0; i <= std::to_underlying(ErrorCode::startup); ++i) {
    const ErrorTraits& row = traits(static_cast<ErrorCode>(i));
    table[row.code] = &row;
  }
  int examples = 0;
  const std::function<void(dom::element)> visit = [&](dom::element element) {
    dom::object object;
    dom::array array;
    if (element.get(object) == simdjson::SUCCESS) {
      std::string_view type;
      if (object["type"].get(type) == simdjson::SUCCESS && type == "about:blank") {
        ++examples;
        const std::string_view code = object["code"];
        ASSERT_TRUE(table.contains(code)) << code;
        EXPECT_EQ(std::int64_t(object["status"]), table[code]->http_status) << code;
        EXPECT_EQ(std::string_view(object["title"]), table[code]->title) << code;
      }
      for (const auto& [key, value] : object) visit(value);
    } else if (element.get(array) == simdjson::SUCCESS) {
      for (const dom::element each : array) visit(each);
    }
  };
  visit(root_);
  EXPECT_GT(examples, 10);
}

TEST_F(Document, GivesTheBoundsOfTheProgram) {
  const std::vector<std::pair<std::string_view, std::int64_t>> bounds{
      {"/components/schemas/Name/maxLength", limits::kNameBytesMax},
      {"/components/schemas/SensorName/maxLength", limits::kSensorNameBytesMax},
      {"/components/schemas/Reading/properties/unit/maxLength", limits::kUnitBytesMax},
      {"/components/schemas/TemperatureReading/properties/timestamp/minimum", to_ms(limits::kTimestampFirst)},
      {"/components/schemas/WriteOutcome/properties/rejected/maxItems", limits::kDetailsListedMax},
      {"/components/schemas/WriteOutcome/properties/conflict_details/maxItems", limits::kDetailsListedMax},
      {"/components/schemas/ReadingsPage/properties/readings/maxItems", limits::kPageReadingsMax},
      {"/components/schemas/HistoryPage/properties/buckets/maxItems", limits::kHistoryBucketsMax},
      {"/paths/~1v1~1history/get/parameters/1/schema/maxItems", limits::kHistoryRoomsMax},
      {"/components/schemas/RoomsPage/properties/rooms/maxItems", limits::kPageRoomsMax},
      {"/components/schemas/RoomsPage/properties/quantities/maxItems", limits::kQuantitiesNamedMax},
      {"/components/schemas/SensorsPage/properties/sensors/maxItems", limits::kPageRoomsMax},
      {"/components/schemas/Registration/properties/keys/maxItems", limits::kKeysPerSensorMax},
      {"/components/schemas/Registration/properties/keys/items/properties/kid/maxLength", limits::kKidBytesMax},
      {"/components/schemas/Registration/properties/quantities/maxItems", limits::kScopeNamesMax},
      {"/components/schemas/KeyWish/properties/buildings/maxItems", limits::kScopeNamesMax},
      {"/components/schemas/PublicKey/oneOf/0/maxLength", limits::kPublicKeyBytesMax},
      {"/components/schemas/RegisteredSensorsPage/properties/sensors/maxItems", limits::kPageRegisteredMax},
      {"/components/schemas/KeysPage/properties/keys/maxItems", limits::kPageRegisteredMax},
      {"/paths/~1v1~1readings/post/requestBody/content/application~1json/schema/oneOf/1/maxItems",
       limits::kReadingsPerBatchMax},
  };
  for (const auto& [pointer, bound] : bounds) EXPECT_EQ(std::int64_t(at(pointer)), bound) << pointer;
}

}  // namespace
}  // namespace temperature::web
