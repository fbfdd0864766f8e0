#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// W3C Trace Context, level 1 (https://www.w3.org/TR/trace-context-1/): which piece of work of several programs a
// request belongs to. Pure, but for the numbers of new ids; any thread.
namespace temperature {

// Of one request: the trace, which several programs share, and this program's part of it.
struct TraceIds {
  std::array<std::uint64_t, 2> trace{};  // 128 bits, the first ones first
  std::uint64_t span = 0;                // 0: there are no ids
  bool sampled = false;                  // the caller keeps its part

  [[nodiscard]] bool known() const { return span != 0; }
  bool operator==(const TraceIds&) const = default;
};

// What a header `traceparent` says; `span` is the caller's. Of versions above 00 the part that 00 has is read. nullopt:
// it is not valid, so it is as if there were none.
std::optional<TraceIds> read_traceparent(std::string_view text);

// The trace of `parent`, and a new span.
TraceIds child_of(const TraceIds& parent);
// A new trace, not sampled.
TraceIds new_trace();

// REQUIRES: known(). 32 and 16 hexadecimal digits in small letters, as logs have them.
std::string trace_id_text(const TraceIds& ids);
std::string span_id_text(const TraceIds& ids);
// "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01": the value of a header.
std::string traceparent_text(const TraceIds& ids);

}  // namespace temperature
