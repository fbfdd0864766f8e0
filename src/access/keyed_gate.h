#pragma once

#include <memory>
#include <set>
#include <string>

#include "access/gate.h"
#include "access/registry.h"
#include "access/remembered.h"
#include "access/token.h"
#include "base/clock.h"
#include "model/reading_rules.h"

namespace temperature::access {

struct KeyedGateOptions {
  std::string admin_key;                         // opens everything
  std::string audience = "temperature-service";  // of sensors' tokens
  std::set<Need> open;                           // what needs no credential, besides Need::nothing
  ReadingRules reading_rules = ReadingRules::current;
  std::uint32_t series_per_sensor_max = 0;  // 0: any number
};

// A credential that was verified: what its registry record was when it was looked at.
struct Credential {
  Principal principal;
  std::uint32_t version = 0;  // of the subject's record
  bool once = false;          // to be verified again at each request: what it is for depends on another record too
  mutable std::atomic<std::int64_t> noted_use_ms{0};  // when the use of a key was last noted
};

// Asks everybody for a key or a token that the registry knows, or the operator's own key. What was verified once is
// remembered by its SHA-256 digest until it expires or its record changes, so that a request costs a look-up and, on a
// connection that sends the same again, a comparison. Whatever was refused for its signature is remembered too.
class KeyedGate final : public Gate {
 public:
  // `registry`, `limits` and `clock` outlive the gate.
  KeyedGate(KeyedGateOptions options, Registry& registry, LimitPolicy& limits, const Clock& clock);
  ~KeyedGate() override;

  [[nodiscard]] Admitted admit(const Presented& presented, Need need, Visit& visit) override;
  [[nodiscard]] std::optional<Limited> charge(const Principal& principal, std::size_t readings) override;

 private:
  using Shared = std::shared_ptr<const Credential>;
  using Found = std::expected<Shared, Refusal>;

  [[nodiscard]] bool stands(const Credential& credential, Timestamp now) const;
  Found find(const Presented& presented, Timestamp now);
  Found verify_token(const std::string& text, const Digest& digest, std::string_view address, Timestamp now);
  Found verify_key(const std::string& text, const Digest& digest, std::string_view id, Timestamp now);
  void note_use(const Credential& credential, Timestamp now);
  std::unexpected<Refusal> count(Refusal refusal);

  const KeyedGateOptions options_;
  Registry& registry_;
  LimitPolicy& limits_;
  const Clock& clock_;
  const Shared operator_;
  const Principal nobody_;
  const Principal everybody_;  // for what is open
  Remembered<Shared> remembered_;
  Remembered<std::uint32_t> refused_;  // the version of the record that a signature did not fit
};

}  // namespace temperature::access
