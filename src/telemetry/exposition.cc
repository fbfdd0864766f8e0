#include "telemetry/exposition.h"

#include <fmt/format.h>

#include <cmath>
#include <iterator>

#include "base/check.h"

namespace temperature::telemetry {
namespace {

constexpr double kNanosecond = 1e-9;
constexpr std::size_t kFirstBucket = 10;  // 1 microsecond; faster ones are counted with it
constexpr std::size_t kLastBucket = 35;   // 34 seconds
constexpr std::string_view kTotal = "_total";

// In a label's value and in OpenMetrics' help; the text format leaves quotes in a help alone.
void append_escaped(std::string& out, std::string_view text, bool quotes) {
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '\\' || (quotes && c == '"')) out.push_back('\\');
    out.push_back(c);
  }
}

void append_number(std::string& out, double value) {
  if (std::isnan(value)) {
    out += "NaN";
  } else if (std::isinf(value)) {
    out += value > 0 ? "+Inf" : "-Inf";
  } else {
    fmt::format_to(std::back_inserter(out), "{}", value);
  }
}

// The name, `suffix`, the labels, and `bound` as the label le unless it is empty; a blank behind.
void append_name(std::string& out, const MetricFamily& family, std::string_view suffix, LabelValues values,
                 std::string_view bound) {
  CHECK(values.size() <= family.labels.size());
  out += family.name;
  out += suffix;
  char before = '{';
  const auto append_label = [&out, &before](std::string_view name, std::string_view value) {
    CHECK(!name.empty());
    out.push_back(before);
    before = ',';
    out += name;
    out += "=\"";
    append_escaped(out, value, true);
    out.push_back('"');
  };
  for (std::size_t i = 0; i < values.size(); ++i) append_label(family.labels[i], values[i]);
  if (!bound.empty()) append_label("le", bound);
  if (before == ',') out.push_back('}');
  out.push_back(' ');
}

std::string_view name_of(MetricType type) {
  switch (type) {
    case MetricType::gauge:
      return "gauge";
    case MetricType::counter:
      return "counter";
    case MetricType::histogram:
      return "histogram";
  }
  return "unknown";
}

}  // namespace

std::string_view content_type_of(Exposition exposition) {
  return exposition == Exposition::openmetrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                                               : "text/plain; version=0.0.4; charset=utf-8";
}

void append_family(std::string& out, const MetricFamily& family, Exposition exposition) {
  const bool openmetrics = exposition == Exposition::openmetrics;
  std::string_view name = family.name;  // OpenMetrics' name of a counter's family is without _total
  if (openmetrics && family.type == MetricType::counter) name.remove_suffix(kTotal.size());
  out += "# HELP ";
  out += name;
  out.push_back(' ');
  append_escaped(out, family.help, openmetrics);
  fmt::format_to(std::back_inserter(out), "\n# TYPE {} {}\n", name, name_of(family.type));
  if (!openmetrics) return;
  for (const std::string_view unit : {"seconds", "bytes"}) {
    if (name.ends_with(unit)) fmt::format_to(std::back_inserter(out), "# UNIT {} {}\n", name, unit);
  }
}

void append_sample(std::string& out, const MetricFamily& family, LabelValues values, double value) {
  append_name(out, family, {}, values, {});
  append_number(out, value);
  out.push_back('\n');
}

void append_histogram(std::string& out, const MetricFamily& family, LabelValues values,
                      const Histogram::Snapshot& nanoseconds) {
  const auto append = [&](std::string_view suffix, std::string_view bound, auto value) {
    append_name(out, family, suffix, values, bound);
    fmt::format_to(std::back_inserter(out), "{}\n", value);
  };
  std::uint64_t cumulative = 0;
  for (std::size_t i = 0; i < Histogram::kBuckets; ++i) {
    cumulative += nanoseconds.counts[i];
    if (i < kFirstBucket || i > kLastBucket) continue;
    // 16 digits: 1.024e-06, where the product is nearest to 1.0240000000000001e-06.
    append("_bucket", fmt::format("{:.16g}", static_cast<double>(std::uint64_t{1} << i) * kNanosecond), cumulative);
  }
  append("_bucket", "+Inf", nanoseconds.count);
  append("_sum", {}, static_cast<double>(nanoseconds.sum) * kNanosecond);
  append("_count", {}, nanoseconds.count);
}

void append_end(std::string& out, Exposition exposition) {
  if (exposition == Exposition::openmetrics) out += "# EOF\n";
}

}  // namespace temperature::telemetry
