#pragma once

#include <string>

#include "base/clock.h"
#include "http/message.h"
#include "mirror/mirror.h"

// The mirror in a database, for those who look after it.
namespace temperature::doors {

// Appends a member "mirror" for everybody: its state, without names of hosts and what the database said.
void append_mirror_summary(std::string& out, const mirror::Mirror* mirror);

// GET /v1/admin/mirror: how it is doing, whole.
class MirrorStatusDoor final : public http::Door {
 public:
  // Outlives the door; nullptr: there is none.
  explicit MirrorStatusDoor(const mirror::Mirror* mirror) : mirror_(mirror) {}
  void handle(http::Exchange& exchange) override;

 private:
  const mirror::Mirror* mirror_;
};

// POST /v1/admin/mirror/resync?from=&to=: has a range of time of every room written anew. 202, or why not.
class MirrorResyncDoor final : public http::Door {
 public:
  // Both outlive the door.
  MirrorResyncDoor(mirror::Mirror* mirror, const Clock& clock) : mirror_(mirror), clock_(clock) {}
  void handle(http::Exchange& exchange) override;

 private:
  mirror::Mirror* mirror_;
  const Clock& clock_;
};

// POST /v1/admin/mirror/replace: has the database emptied and written anew, whosever it is. 202, or why not.
class MirrorReplaceDoor final : public http::Door {
 public:
  explicit MirrorReplaceDoor(mirror::Mirror* mirror) : mirror_(mirror) {}
  void handle(http::Exchange& exchange) override;

 private:
  mirror::Mirror* mirror_;
};

}  // namespace temperature::doors
