#include "access/principal.h"

#include <fmt/format.h>

namespace temperature::access {
namespace {

auto needs(std::string_view what, const Principal& principal) {
  return failure(ErrorCode::forbidden,
                 fmt::format("this needs {}; the credential is a {}'s", what, role_name(principal.role)));
}

}  // namespace

std::string_view role_name(Role role) {
  switch (role) {
    case Role::nobody:
      return "nobody";
    case Role::sensor:
      return "sensor";
    case Role::writer:
      return "writer";
    case Role::reader:
      return "reader";
    case Role::admin:
      return "admin";
    case Role::curator:
      return "curator";
  }
  return "nobody";
}

Result<void> Principal::may(Need need) const {
  if (role == Role::admin) return {};
  switch (need) {
    case Need::nothing:
      return {};
    case Need::docs:
      if (role != Role::nobody) return {};
      return needs("a credential", *this);
    case Need::metrics:
      if (role != Role::reader && role != Role::curator) return needs("a reader", *this);
      if (scoped()) return failure(ErrorCode::forbidden, "this needs a reader of all buildings");
      return {};
    case Need::read:
      if (role == Role::reader || role == Role::curator) return {};
      return needs("a reader", *this);
    case Need::write:
      if (role == Role::writer || role == Role::sensor || role == Role::curator) return {};
      return needs("a writer or a sensor", *this);
    case Need::curate:
      if (role == Role::curator) return {};
      return needs("a curator", *this);
    case Need::admin:
      break;
  }
  return needs("an admin", *this);
}

}  // namespace temperature::access
