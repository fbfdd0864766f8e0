#pragma once

#include "access/administration.h"
#include "doors/readers.h"
#include "http/message.h"
#include "http/query.h"
#include "model/reading_rules.h"

// Who may come in, as an administrator sees and changes it: what the registry's disk is asked, and what is synced to
// it, is done on a thread of `readers`.
namespace temperature::doors {

// /v1/sensors/{id}: PUT registers a sensor or replaces its registration, GET shows it, DELETE revokes it.
class RegisteredSensorDoor final : public http::Door {
 public:
  static constexpr std::string_view kPath = "/v1/sensors/{id}";

  // Both outlive the door.
  RegisteredSensorDoor(access::Administration& administration, ReadingRules rules, Readers& readers)
      : administration_(administration), rules_(rules), readers_(readers) {}
  void handle(http::Exchange& exchange) override;

 private:
  Result<void> answer(http::Exchange& exchange);

  access::Administration& administration_;
  ReadingRules rules_;
  Readers& readers_;
};

// /v1/keys: POST makes a key, GET lists them.
class KeysDoor final : public http::Door {
 public:
  KeysDoor(access::Administration& administration, ReadingRules rules, Readers& readers)
      : administration_(administration), rules_(rules), readers_(readers) {}
  void handle(http::Exchange& exchange) override;

 private:
  Result<void> answer(http::Exchange& exchange);

  access::Administration& administration_;
  ReadingRules rules_;
  Readers& readers_;
};

// /v1/keys/{id}: GET shows a key, DELETE revokes it.
class KeyDoor final : public http::Door {
 public:
  static constexpr std::string_view kPath = "/v1/keys/{id}";

  KeyDoor(access::Administration& administration, Readers& readers)
      : administration_(administration), readers_(readers) {}
  void handle(http::Exchange& exchange) override;

 private:
  Result<void> answer(http::Exchange& exchange);

  access::Administration& administration_;
  Readers& readers_;
};

// One page of registered sensors: {"sensors":[...],"next"}. Errors: parameter_invalid, registry_failed.
Result<void> list_registered(const access::Registry& registry, const http::Query& query, std::string& out);

}  // namespace temperature::doors
