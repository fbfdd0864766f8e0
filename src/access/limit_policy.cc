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
    case LimitKind::trials_of_sensor:
    case LimitKind::trials:
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

std::array<LimitPolicy::Trial, 3> LimitPolicy::trials_of(std::string_view sensor, std::string_view address) const {
  return {Trial{LimitKind::trials_of_sensor, sensor, rates_.trials_of_sensor},
          Trial{LimitKind::address, address, rates_.address}, Trial{LimitKind::trials, {}, rates_.trials}};
}

std::expected<LimitKind, Limited> LimitPolicy::may_try(std::string_view sensor, std::string_view address) {
  std::optional<Limited> told;
  for (const Trial& trial : trials_of(sensor, address)) {
    if (!trial.rate.limits()) continue;
    auto limited = take(trial.kind, trial.owner, trial.rate, 0);
    if (!limited) return trial.kind;
    if (!told || trial.kind == LimitKind::address) told = limited;
  }
  if (!told) return LimitKind::address;  // nothing is limited
  return std::unexpected(*told);
}

void LimitPolicy::wrong_signature(LimitKind trial, std::string_view sensor, std::string_view address) {
  for (const auto& [kind, owner, rate] : trials_of(sensor, address)) {
    if (kind == trial && rate.limits()) buckets_.take(kind, owner, rate, 1, stopwatch_.elapsed());
  }
}

}  // namespace temperature::access
