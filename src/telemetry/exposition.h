#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/histogram.h"
#include "telemetry/metric_families.h"

// Writing what Prometheus and its kin read, by appending to a string: the text format 0.0.4 (prometheus.io, "Exposition
// formats") and OpenMetrics 1.0 (its specification, "Overall structure"). They differ in how the head of a family is
// written, and in the end.
namespace temperature::telemetry {

enum class Exposition : std::uint8_t { text, openmetrics };

// For Content-Type. Lifetime: static.
std::string_view content_type_of(Exposition exposition);

using LabelValues = std::span<const std::string_view>;

// What is known of a family. Once for each, before its samples, which follow each other.
void append_family(std::string& out, const MetricFamily& family, Exposition exposition);

// One sample of a gauge or counter. `values` are those of the family's labels, in their order; the last may be left
// out. Any UTF-8 may be in them.
void append_sample(std::string& out, const MetricFamily& family, LabelValues values, double value);

// The samples of a histogram of nanoseconds, given out in seconds.
void append_histogram(std::string& out, const MetricFamily& family, LabelValues values,
                      const Histogram::Snapshot& nanoseconds);

// Behind the last sample.
void append_end(std::string& out, Exposition exposition);

}  // namespace temperature::telemetry
