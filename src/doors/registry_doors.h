#pragma once

#include "access/administration.h"
#include "http/message.h"
#include "http/query.h"
#include "model/reading_rules.h"

// Who may come in, as an administrator sees and changes it.
namespace temperature::doors {

// /v1/sensors/{id}: PUT registers a sensor or replaces its registration, GET shows it, DELETE revokes it.
class RegisteredSensorDoor final : public http::Door {
 public:
  static constexpr std::string_view kPath = "/v1/sensors/{id}";

  // `administration` outlives the door.
  RegisteredSensorDoor(access::Administration& administration, ReadingRules rules)
      : administration_(administration), rules_(rules) {}
  void handle(http::Exchange& exchange) override;

 private:
  access::Administration& administration_;
  ReadingRules rules_;
};

// /v1/keys: POST makes a key, GET lists them.
class KeysDoor final : public http::Door {
 public:
  KeysDoor(access::Administration& administration, ReadingRules rules)
      : administration_(administration), rules_(rules) {}
  void handle(http::Exchange& exchange) override;

 private:
  access::Administration& administration_;
  ReadingRules rules_;
};

// /v1/keys/{id}: GET shows a key, DELETE revokes it.
class KeyDoor final : public http::Door {
 public:
  static constexpr std::string_view kPath = "/v1/keys/{id}";

  explicit KeyDoor(access::Administration& administration) : administration_(administration) {}
  void handle(http::Exchange& exchange) override;

 private:
  access::Administration& administration_;
};

// One page of registered sensors: {"sensors":[...],"next"}. Errors: parameter_invalid, registry_failed.
Result<void> list_registered(const access::Registry& registry, const http::Query& query, std::string& out);

}  // namespace temperature::doors
