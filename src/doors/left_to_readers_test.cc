#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "access/administration.h"
#include "access/principal.h"
#include "base/clock.h"
#include "catalogue/catalogue.h"
#include "doors/backup_doors.h"
#include "doors/history_door.h"
#include "doors/line_door.h"
#include "doors/queries.h"
#include "doors/readers.h"
#include "doors/registry_doors.h"
#include "doors/rejects_door.h"
#include "history/memory_history.h"
#include "journal/memory_journal.h"
#include "pipeline/pipeline.h"
#include "telemetry/log.h"
#include "telemetry/rejects.h"
#include "upkeep/backup_desk.h"

// What looks at a disk, goes through a list or sorts one is no work for a connection's thread.
namespace temperature::doors {
namespace {

class Unanswered final : public http::Exchange {
 public:
  void finish() override { finished = true; }
  Result<void> charge(std::size_t) override { return {}; }
  bool finished = false;
};

// Says when it is asked for anything.
class UntouchedRegistry final : public access::Registry {
 public:
  Result<std::optional<access::Sensor>> find_sensor(std::string_view) const override { return touched(); }
  Result<void> put_sensor(const access::Sensor&) override { return touched(); }
  Result<bool> remove_sensor(std::string_view) override { return touched(); }
  Result<std::vector<access::Sensor>> sensors(std::string_view, std::size_t) const override { return touched(); }
  Result<std::optional<access::ApiKey>> find_key(std::string_view) const override { return touched(); }
  Result<void> put_key(const access::ApiKey&) override { return touched(); }
  Result<bool> remove_key(std::string_view) override { return touched(); }
  Result<std::vector<access::ApiKey>> keys(std::string_view, std::size_t) const override { return touched(); }
  Result<std::size_t> made_open() const override { return touched(); }
  void note_use(std::string_view, Timestamp) override {}

 private:
  static std::unexpected<Error> touched() {
    ADD_FAILURE() << "the registry was asked on the connection's thread";
    return failure(ErrorCode::registry_failed, "touched");
  }
};

class LeftToReaders : public ::testing::Test {
 public:
  ~LeftToReaders() override { pipeline.stop(); }

 protected:
  void SetUp() override { ASSERT_TRUE(pipeline.start()); }

  void expect_left(http::Door& door, http::Method method, const std::string& path, const std::string& query = {},
                   const std::string& body = {}) {
    const auto asked = std::make_unique<Unanswered>();
    asked->request.method = method;
    asked->request.path = path;
    asked->request.query = query;
    asked->request.body = body;
    asked->request.principal = &principal;
    const std::size_t waiting = readers.waiting();
    door.handle(*asked);
    EXPECT_FALSE(asked->finished) << path << "?" << query << ": " << asked->response.body;
    EXPECT_EQ(readers.waiting(), waiting + 1) << path << "?" << query;
    EXPECT_EQ(asked->response.body, "");
  }

  SystemClock clock;
  telemetry::Log log{telemetry::LogFormat::text};
  telemetry::Rejects rejects{log, clock};
  const access::Principal principal{.role = access::Role::admin};
  catalogue::Catalogue catalogue{10};
  journal::MemoryJournal journal{catalogue};
  history::MemoryHistory history;
  pipeline::Pipeline pipeline{{}, clock, catalogue, journal, history};
  UntouchedRegistry registry;
  access::AuditLog audit{"/dev/null"};
  access::Administration administration{registry, audit, clock};
  Readers readers{0};  // nobody comes
  const Reading reading{pipeline, clock, "default", readers};
};

TEST_F(LeftToReaders, lists_of_rooms_and_sensors_however_short) {
  RoomsDoor rooms(reading);
  SensorsDoor sensors(reading, registry);
  for (const std::string query : {"", "limit=1", "building=b&limit=1", "building=%20b%20"}) {
    expect_left(rooms, http::Method::get, "/v1/rooms", query);
    expect_left(sensors, http::Method::get, "/v1/sensors", query);
  }
  expect_left(sensors, http::Method::get, "/v1/sensors", "registered=true&limit=1");
}

TEST_F(LeftToReaders, what_was_refused) {
  const mapping::LineRules rules;
  const mapping::DeviceMaps maps;
  const LineDoor lines(pipeline.write_path(), rules, maps, rejects, log, 1);
  RejectsDoor door(rejects, lines, readers);
  for (const std::string query : {"", "limit=1", "group_by=sensor,code", "kind=passed_over"}) {
    expect_left(door, http::Method::get, "/v1/rejects", query);
  }
}

TEST_F(LeftToReaders, the_registry_and_its_changes) {
  RegisteredSensorDoor sensor(administration, ReadingRules::current, readers);
  KeysDoor keys(administration, ReadingRules::current, readers);
  KeyDoor key(administration, readers);
  for (const auto method : {http::Method::get, http::Method::put, http::Method::delete_}) {
    expect_left(sensor, method, "/v1/sensors/s1", "", "{}");
  }
  expect_left(keys, http::Method::get, "/v1/keys", "limit=1");
  expect_left(keys, http::Method::post, "/v1/keys", "", R"({"name":"n","role":"reader"})");
  expect_left(key, http::Method::get, "/v1/keys/k1");
  expect_left(key, http::Method::delete_, "/v1/keys/k1");
}

TEST_F(LeftToReaders, backups_and_how_far_they_are) {
  upkeep::BackupDesk desk("/nowhere", [](const std::filesystem::path&) -> Result<upkeep::BackupStamp> {
    return failure(ErrorCode::internal, "none is made");
  });
  BackupDoor backup(pipeline, desk, readers);
  BackupStatusDoor status(desk, readers);
  expect_left(backup, http::Method::post, "/v1/admin/backup", "", R"({"directory":"/backups/monday"})");
  expect_left(status, http::Method::get, "/v1/admin/backup");
}

}  // namespace
}  // namespace temperature::doors
