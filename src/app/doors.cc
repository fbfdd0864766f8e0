#include "app/doors.h"

#include "doors/line_answers.h"
#include "web/assets.h"

namespace temperature::app {

Doors::Doors(const BehindDoors& behind, const std::string& version, std::size_t threads)
    : temperatures_(behind.pipeline.write_path(), behind.rejects, threads),
      temperature_average_({behind.pipeline, behind.clock, behind.default_building}),
      readings_(behind.pipeline.write_path(), behind.rejects, threads),
      lines_(behind.pipeline.write_path(), behind.line_rules, behind.device_maps, behind.rejects, threads),
      influx_ping_(version),
      influx_health_(behind.pipeline, version),
      rejects_(behind.rejects),
      average_({behind.pipeline, behind.clock, behind.default_building}),
      readings_query_({behind.pipeline, behind.clock, behind.default_building}),
      rooms_({behind.pipeline, behind.clock, behind.default_building}),
      sensors_({behind.pipeline, behind.clock, behind.default_building}),
      readyz_(behind.pipeline),
      healthz_(behind.pipeline, version),
      metrics_(behind.pipeline, behind.journal, behind.server, lines_.figures(), version) {
  for (const web::Asset& asset : web::assets()) assets_.emplace_back(asset);
}

std::vector<http::Route> Doors::routes() {
  using access::Need;
  using http::Method;
  std::vector<http::Route> routes{
      {Method::post, "/temperatures", Need::write, &temperatures_},
      {Method::get, "/temperatures/average", Need::read, &temperature_average_},
      {Method::post, "/v1/readings", Need::write, &readings_},
      {Method::get, "/v1/readings", Need::read, &readings_query_},
      {Method::get, "/v1/average", Need::read, &average_},
      {Method::get, "/v1/rooms", Need::read, &rooms_},
      {Method::get, "/v1/sensors", Need::read, &sensors_},
      {Method::get, "/v1/rejects", Need::read, &rejects_},
      {Method::post, "/write", Need::write, &lines_, doors::write_error_v1},
      {Method::post, "/api/v2/write", Need::write, &lines_, doors::write_error_v2},
      {Method::get, "/query", Need::write, &influx_query_, doors::write_error_v1},
      {Method::post, "/query", Need::write, &influx_query_, doors::write_error_v1},
      {Method::get, "/ping", Need::nothing, &influx_ping_},
      {Method::get, "/health", Need::nothing, &influx_health_},
      {Method::get, "/livez", Need::nothing, &livez_},
      {Method::get, "/readyz", Need::nothing, &readyz_},
      {Method::get, "/healthz", Need::nothing, &healthz_},
      {Method::get, "/metrics", Need::read, &metrics_},
  };
  auto door = assets_.begin();
  for (const web::Asset& asset : web::assets()) routes.push_back({Method::get, asset.path, Need::nothing, &*door++});
  return routes;
}

}  // namespace temperature::app
