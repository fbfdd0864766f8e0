#include <algorithm>

#include "answer/render.h"
#include "answer/render_parts.h"
#include "base/csv_text.h"
#include "base/json_text.h"

// Buckets of history as JSON and CSV.
namespace temperature::answer {
namespace {

// Visits what was asked for but the count, each once.
template <class Visit>
void for_each_value(const HistoryQuery& query, Visit visit) {
  const auto& all = query.aggregates;
  for (auto at = all.begin(); at != all.end(); ++at) {
    if (*at != Aggregate::count && std::find(all.begin(), at, *at) == at) visit(*at);
  }
}

double value_of(const BucketValues& values, Aggregate aggregate) {
  switch (aggregate) {
    case Aggregate::count:
      break;
    case Aggregate::mean:
      return values.mean;
    case Aggregate::min:
      return values.min;
    case Aggregate::max:
      return values.max;
    case Aggregate::first:
      return values.first;
    case Aggregate::last:
      return values.last;
    case Aggregate::stddev:
      return values.stddev;
  }
  return 0;
}

void append_bucket(std::string& out, const HistoryQuery& query, const HistoryBucket& bucket) {
  out += R"({"start":)";
  append_moment(out, bucket.start);
  out += R"(,"end":)";
  append_moment(out, bucket.end);
  out += R"(,"room":)";
  append_json_string(out, query.rooms[bucket.room]);
  out += R"(,"count":)";
  append_json_number(out, bucket.count);
  for_each_value(query, [&](Aggregate aggregate) {
    out += ",\"";
    out += name_of(aggregate);
    out += "\":";
    if (bucket.values) {
      append_json_number(out, value_of(*bucket.values, aggregate));
    } else {
      out += "null";
    }
  });
  out.push_back('}');
}

}  // namespace

void render_json(std::string& out, const HistoryQuery& query, const HistoryPage& page) {
  out += R"({"building":)";
  append_json_string(out, query.building);
  if (query.rooms.size() == 1) {
    out += R"(,"room":)";
    append_json_string(out, query.rooms.front());
  } else {
    out += R"(,"rooms":)";
    append_json_array(out, query.rooms, [&out](const std::string& room) { append_json_string(out, room); });
  }
  if (query.sensor) {
    out += R"(,"sensor":)";
    append_json_string(out, *query.sensor);
  }
  out += R"(,"quantity":)";
  append_json_string(out, query.quantity);
  out += R"(,"unit":)";
  append_unit(out, page.unit);
  out += R"(,"step":)";
  append_json_string(out, format_duration(query.step));
  out += R"(,"from":)";
  append_moment(out, query.from);
  out += R"(,"to":)";
  append_moment(out, query.to);
  out += R"(,"buckets":)";
  append_json_array(out, page.buckets, [&](const HistoryBucket& bucket) { append_bucket(out, query, bucket); });
  append_detail(out, page.lacks);
  append_next(out, page.next ? page.next->encode() : std::string());
}

void render_csv_header(std::string& out, const HistoryQuery& query) {
  out += "start,end,building,room,quantity,count";
  for_each_value(query, [&out](Aggregate aggregate) {
    out.push_back(',');
    out += name_of(aggregate);
  });
  out += "\r\n";
}

void render_csv(std::string& out, const HistoryQuery& query, const HistoryPage& page) {
  for (const HistoryBucket& bucket : page.buckets) {
    append_timestamp(out, bucket.start);
    out.push_back(',');
    append_timestamp(out, bucket.end);
    for (const std::string& name : {query.building, query.rooms[bucket.room], query.quantity}) {
      out.push_back(',');
      append_csv_field(out, name);
    }
    out.push_back(',');
    append_json_number(out, bucket.count);
    for_each_value(query, [&](Aggregate aggregate) {
      out.push_back(',');
      if (bucket.values) append_json_number(out, value_of(*bucket.values, aggregate));
    });
    out += "\r\n";
  }
}

}  // namespace temperature::answer
