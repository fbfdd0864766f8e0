#pragma once

#include <cstdint>
#include <string>

#include "base/error.h"
#include "base/time.h"
#include "model/permit.h"

namespace temperature::access {

// What somebody wants to do. `docs`: the documentation, for everybody who has a credential. `metrics`: figures of the
// whole service, for readers of all buildings. `curate`: delete readings and replace them.
enum class Need : std::uint8_t { nothing, docs, metrics, read, write, curate, admin };

// Their numbers are in the registry. A curator may also read and write.
enum class Role : std::uint8_t { nobody, sensor, writer, reader, admin, curator };

std::string_view role_name(Role role);

// Who sends a request, as its credential says. A plain value; shared by requests, never changed.
struct Principal {
  Role role = Role::nobody;
  std::string name = {};     // in the journal and the audit log: at most limits::kSenderBytesMax bytes
  std::string subject = {};  // the sensor's or the key's id: what its limits are counted by
  Permit permit = {};        // what it may write; its buildings are also what it may read
  Timestamp expires = kTimestampMax;

  // Error forbidden: says which role would do.
  [[nodiscard]] Result<void> may(Need need) const;

  // Whether it sees only some buildings.
  [[nodiscard]] bool scoped() const { return !permit.buildings.empty(); }
};

}  // namespace temperature::access
