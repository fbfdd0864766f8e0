#include "app/doors.h"

#include "doors/line_answers.h"
#include "telemetry/metrics_page.h"
#include "web/assets.h"

namespace temperature::app {

Doors::Doors(const BehindDoors& behind, const std::string& version, std::size_t threads)
    : temperatures_(behind.pipeline.write_path(), behind.rejects, threads),
      temperature_average_(reading_of(behind)),
      readings_(behind.pipeline.write_path(), behind.rejects, behind.unknown_fields, threads),
      lines_(behind.pipeline.write_path(), behind.line_rules, behind.device_maps, behind.rejects, behind.log, threads),
      influx_ping_(version),
      influx_health_(behind.pipeline, version),
      influx_ready_(behind.pipeline, behind.clock),
      influx_delete_(behind.pipeline, behind.clock, behind.default_building, behind.require_reasons, behind.log),
      rejects_(behind.rejects, lines_, administrators_),
      average_(reading_of(behind)),
      readings_query_(reading_of(behind)),
      deletion_(behind.pipeline, behind.clock, behind.default_building, behind.require_reasons, readers_, behind.log),
      audit_({behind.pipeline, behind.clock, behind.default_building, administrators_}, behind.history),
      history_(reading_of(behind)),
      rooms_(reading_of(behind)),
      sensors_(reading_of(behind), behind.entrance.administration().registry()),
      registered_sensor_(behind.entrance.administration(), behind.line_rules.reading_rules, administrators_),
      keys_(behind.entrance.administration(), behind.line_rules.reading_rules, administrators_),
      key_(behind.entrance.administration(), administrators_),
      readyz_(behind.pipeline),
      healthz_(behind.pipeline, behind.mirror, version),
      metrics_({.pipeline = behind.pipeline,
                .journal = behind.journal,
                .server = behind.server,
                .lines = lines_.figures(),
                .rejects = behind.rejects,
                .gate = behind.entrance.gate(),
                .readers = readers_,
                .backups = behind.backups,
                .log = behind.log,
                .report_figures = behind.report_figures,
                .mirror = behind.mirror,
                .tls = behind.tls,
                .looked_at = {.journal_bytes =
                                  slow_figures_.add([&journal = behind.journal] { return journal.bytes_on_disk(); }),
                              .history_bytes =
                                  slow_figures_.add([&history = behind.history] { return history.bytes_on_disk(); }),
                              .open_files = slow_figures_.add(telemetry::count_open_files)},
                .memory_bytes_max = behind.memory_bytes_max,
                .version = version,
                .environment = behind.environment}),
      room_metrics_(reading_of(behind)),
      backup_(behind.pipeline, behind.backups, administrators_),
      backup_status_(behind.backups, administrators_),
      mirror_status_(behind.mirror),
      mirror_resync_(behind.mirror, behind.clock),
      mirror_replace_(behind.mirror) {
  slow_figures_.start();
  for (const web::Asset& asset : web::assets()) assets_.emplace_back(asset);
}

Doors::~Doors() {
  stop();
}

void Doors::stop() {
  readers_.stop();
  administrators_.stop();
  slow_figures_.stop();
}

std::vector<http::Route> Doors::routes() {
  using access::Need;
  using http::Content;
  using http::Method;
  constexpr auto kMustBe = http::Body::must_be;
  std::vector<http::Route> routes{
      {Method::post, "/temperatures", Need::write, &temperatures_, nullptr, kMustBe, Content::json},
      {Method::get, "/temperatures/average", Need::read, &temperature_average_},
      {Method::post, "/v1/readings", Need::write, &readings_, nullptr, kMustBe, Content::json_unless_said},
      {Method::get, "/v1/readings", Need::read, &readings_query_},
      {Method::delete_, "/v1/readings", Need::curate, &deletion_},
      {Method::get, "/v1/audit", Need::curate, &audit_},
      {Method::get, "/v1/history", Need::read, &history_},
      {Method::get, "/v1/average", Need::read, &average_},
      {Method::get, "/v1/rooms", Need::read, &rooms_},
      {Method::get, "/v1/sensors", Need::read, &sensors_},
      {Method::get, "/v1/rejects", Need::admin, &rejects_},
      {Method::post, "/write", Need::write, &lines_, doors::write_error_v1, kMustBe},
      {Method::post, "/api/v2/write", Need::write, &lines_, doors::write_error_v2, kMustBe},
      {Method::post, "/api/v3/write_lp", Need::write, &lines_, doors::write_error_v3, kMustBe},
      {Method::get, "/query", Need::write, &influx_query_, doors::write_error_v1},
      {Method::post, "/query", Need::write, &influx_query_, doors::write_error_v1},
      {Method::get, "/ping", Need::nothing, &influx_ping_},
      {Method::get, "/api/v2/ping", Need::nothing, &influx_ping_},
      {Method::get, "/health", Need::nothing, &influx_health_},
      {Method::get, "/ready", Need::nothing, &influx_ready_},
      {Method::get, "/api/v2/orgs", Need::write, &influx_names_, doors::write_error_v2},
      {Method::get, "/api/v2/buckets", Need::write, &influx_names_, doors::write_error_v2},
      {Method::post, "/api/v2/query", Need::read, &influx_flux_, doors::write_error_v2},
      {Method::post, "/api/v2/delete", Need::curate, &influx_delete_, doors::write_error_v2, kMustBe, Content::json},
      {Method::put, doors::RegisteredSensorDoor::kPath, Need::admin, &registered_sensor_, nullptr, kMustBe,
       Content::json},
      {Method::get, doors::RegisteredSensorDoor::kPath, Need::admin, &registered_sensor_},
      {Method::delete_, doors::RegisteredSensorDoor::kPath, Need::admin, &registered_sensor_},
      {Method::post, "/v1/keys", Need::admin, &keys_, nullptr, kMustBe, Content::json},
      {Method::get, "/v1/keys", Need::admin, &keys_},
      {Method::get, doors::KeyDoor::kPath, Need::admin, &key_},
      {Method::delete_, doors::KeyDoor::kPath, Need::admin, &key_},
      {Method::post, "/v1/admin/backup", Need::admin, &backup_, nullptr, kMustBe, Content::json},
      {Method::get, "/v1/admin/backup", Need::admin, &backup_status_},
      {Method::get, "/v1/admin/mirror", Need::admin, &mirror_status_},
      {Method::post, "/v1/admin/mirror/resync", Need::admin, &mirror_resync_},
      {Method::post, "/v1/admin/mirror/replace", Need::admin, &mirror_replace_},
      {Method::get, "/livez", Need::nothing, &livez_},
      {Method::get, "/readyz", Need::nothing, &readyz_},
      {Method::get, "/healthz", Need::nothing, &healthz_},
      {Method::get, "/metrics", Need::metrics, &metrics_},
      {Method::get, "/metrics/rooms", Need::read, &room_metrics_},
  };
  auto door = assets_.begin();
  for (const web::Asset& asset : web::assets()) {
    http::Route& route = routes.emplace_back(Method::get, asset.path, Need::docs, &*door++);
    route.exact = true;
  }
  return routes;
}

}  // namespace temperature::app
