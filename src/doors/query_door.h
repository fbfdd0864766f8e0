#pragma once

#include "base/clock.h"
#include "base/error.h"
#include "http/message.h"
#include "http/query.h"
#include "pipeline/pipeline.h"

namespace temperature::doors {

// What a door to read through needs. All outlive the door.
struct Reading {
  const pipeline::Pipeline& pipeline;
  const Clock& clock;
  std::string default_building;
};

// A door that answers a query at once, or says what is wrong with it as problem+json.
class QueryDoor : public http::Door {
 public:
  explicit QueryDoor(Reading reading) : reading_(std::move(reading)) {}
  void handle(http::Exchange& exchange) final;

 protected:
  // Fills the response. On error the response is written anew.
  virtual Result<void> answer(const http::Query& query, const access::Principal& principal,
                              http::Response& response) = 0;

  [[nodiscard]] const pipeline::ReadPath& read_path() const { return reading_.pipeline.read_path(); }
  [[nodiscard]] Timestamp now() const { return reading_.clock.now(); }
  // The building that is asked about. Error forbidden_building: the principal may not see it.
  [[nodiscard]] Result<std::string> building(const http::Query& query, const access::Principal& principal) const;
  // The same where none need be named: then it is every one that the principal may see.
  [[nodiscard]] static Result<std::optional<std::string>> any_building(const http::Query& query,
                                                                       const access::Principal& principal);

 private:
  Reading reading_;
};

}  // namespace temperature::doors
