#include "app/doors.h"

#include "web/assets.h"

namespace temperature::app {

Doors::Doors(pipeline::Pipeline& pipeline, const journal::Journal& journal, const http::Server& server,
             const Clock& clock, const std::string& default_building, const std::string& version, std::size_t threads)
    : temperatures_(pipeline.write_path(), threads),
      temperature_average_({pipeline, clock, default_building, readers_}),
      readings_(pipeline.write_path(), threads),
      average_({pipeline, clock, default_building, readers_}),
      readings_query_({pipeline, clock, default_building, readers_}),
      history_({pipeline, clock, default_building, readers_}),
      rooms_({pipeline, clock, default_building, readers_}),
      sensors_({pipeline, clock, default_building, readers_}),
      readyz_(pipeline),
      healthz_(pipeline, version),
      metrics_(pipeline, journal, server, readers_, version) {
  for (const web::Asset& asset : web::assets()) assets_.emplace_back(asset);
}

Doors::~Doors() {
  stop();
}

void Doors::stop() {
  readers_.stop();
}

std::vector<http::Route> Doors::routes() {
  using access::Need;
  using http::Method;
  std::vector<http::Route> routes{
      {Method::post, "/temperatures", Need::write, &temperatures_},
      {Method::get, "/temperatures/average", Need::read, &temperature_average_},
      {Method::post, "/v1/readings", Need::write, &readings_},
      {Method::get, "/v1/readings", Need::read, &readings_query_},
      {Method::get, "/v1/history", Need::read, &history_},
      {Method::get, "/v1/average", Need::read, &average_},
      {Method::get, "/v1/rooms", Need::read, &rooms_},
      {Method::get, "/v1/sensors", Need::read, &sensors_},
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
