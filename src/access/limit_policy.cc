#include "access/limit_policy.h"

#include <algorithm>

namespace temperature::access {
namespace {

constexpr double kRounding = 1e-6;  // of a reading: what arithmetic loses of a whole one

}  // namespace

std::string_view limit_name(LimitKind kind) {
  switch (kind) {
    case LimitKind::sensor:
      return "sensor";
    case LimitKind::key:
      return "key";
    case LimitKind::service:
      return "service";
    case LimitKind::address:
      return "address";
  }
  return "service";
}

LimitPolicy::LimitPolicy(const Rates& rates, Buckets& buckets, const Stopwatch& stopwatch)
    : rates_(rates), buckets_(buckets), stopwatch_(stopwatch) {}

std::optional<Limited> LimitPolicy::take(LimitKind kind, std::string_view owner, const Rate& rate, double cost) {
  if (!rate.limits()) return std::nullopt;
  const Buckets::Taken taken = buckets_.take(kind, owner, rate, cost, stopwatch_.elapsed());
  if (taken.taken) return std::nullopt;
  Limited limited;
  limited.kind = kind;
  limited.rate = rate;
  limited.remaining = static_cast<std::uint64_t>(std::max(0.0, taken.remaining + kRounding));
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(taken.available_in);
  limited.retry_after_s = static_cast<std::uint64_t>(std::max<std::int64_t>(1, seconds.count()));
  return limited;
}

// The service's bucket comes first: one that is limited by itself gives back what it took from all.
std::optional<Limited> LimitPolicy::charge(const Principal& principal, std::size_t readings) {
  const auto cost = static_cast<double>(readings);
  if (auto limited = take(LimitKind::service, {}, rates_.service, cost)) return limited;
  const bool sensor = principal.role == Role::sensor;
  if (principal.subject.empty()) return std::nullopt;  // nobody in particular: the operator, or everybody
  auto limited =
      take(sensor ? LimitKind::sensor : LimitKind::key, principal.subject, sensor ? rates_.sensor : rates_.key, cost);
  if (limited && rates_.service.limits()) buckets_.give_back(LimitKind::service, {}, rates_.service, cost);
  return limited;
}

std::optional<Limited> LimitPolicy::may_try(std::string_view address) {
  return take(LimitKind::address, address, rates_.address, 0);
}

void LimitPolicy::wrong_signature(std::string_view address) {
  if (rates_.address.limits()) buckets_.take(LimitKind::address, address, rates_.address, 1, stopwatch_.elapsed());
}

}  // namespace temperature::access
