#include "client/backup.h"

#include <gtest/gtest.h>

#include "client/stub_service.h"
#include "client/test_surroundings.h"
#include "testing/moments.h"

namespace temperature::client {
namespace {

using testing::kNow;

struct Outcome {
  int code = 0;
  std::string out;
  std::string err;
};

Outcome backup_from(const StubService& service) {
  TestSurroundings here(kNow);
  const BackupOptions options{{service.url(), "key"}, "/backups/a \"b\""};
  Outcome outcome;
  outcome.code = backup(options, here.surroundings);
  outcome.out = here.out.str();
  outcome.err = here.err.str();
  return outcome;
}

std::string status(const std::string& state, const std::string& more = "") {
  return R"({"state":")" + state + R"(","directory":"/backups/a \"b\"","bytes":5242880,"bytes_total":6000000)" + more +
         "}";
}

TEST(Backup, waits_until_it_is_whole) {
  int looks = 0;
  StubService service([&looks](const StubRequest& request) {
    if (request.line.starts_with("POST")) return StubAnswer{.status = 202, .body = status("running")};
    if (++looks < 3) return StubAnswer{.body = status("running")};
    return StubAnswer{.body = status("done", R"(,"taken":"2023-11-14T22:13:20.000Z","journal_position":77)")};
  });
  const Outcome outcome = backup_from(service);
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.out,
            "a backup in /backups/a \"b\": 5.0 MiB, taken 2023-11-14T22:13:20.000Z, journal position 77\n");
  const auto requests = service.requests();
  ASSERT_EQ(requests.size(), 4U);
  EXPECT_EQ(requests[0].line, "POST /v1/admin/backup HTTP/1.1");
  EXPECT_EQ(requests[0].body, R"({"directory":"/backups/a \"b\""})");
  EXPECT_EQ(requests[1].line, "GET /v1/admin/backup HTTP/1.1");
  EXPECT_EQ(requests[1].headers.at("authorization"), "Bearer key");
}

TEST(Backup, says_why_there_is_none) {
  StubService refuses([](const StubRequest&) {
    return StubAnswer{.status = 422, .body = R"({"code":"directory_invalid","detail":"it is not empty"})"};
  });
  Outcome outcome = backup_from(refuses);
  EXPECT_EQ(outcome.code, 1);
  EXPECT_NE(outcome.err.find("it is not empty"), std::string::npos) << outcome.err;

  StubService fails([](const StubRequest& request) {
    if (request.line.starts_with("POST")) return StubAnswer{.status = 202, .body = status("running")};
    return StubAnswer{.body = status("failed", R"(,"code":"disk_full","detail":"the disk is full")")};
  });
  outcome = backup_from(fails);
  EXPECT_EQ(outcome.code, 1);
  EXPECT_NE(outcome.err.find("the disk is full"), std::string::npos) << outcome.err;

  StubService forgets([](const StubRequest& request) {
    if (request.line.starts_with("POST")) return StubAnswer{.status = 202, .body = status("running")};
    return StubAnswer{.body = R"({"state":"none"})"};
  });
  outcome = backup_from(forgets);
  EXPECT_EQ(outcome.code, 1);
  EXPECT_NE(outcome.err.find("restarted"), std::string::npos) << outcome.err;
}

}  // namespace
}  // namespace temperature::client
