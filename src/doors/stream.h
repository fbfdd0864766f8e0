#pragma once

#include <functional>
#include <string>

#include "base/error.h"
#include "doors/readers.h"
#include "http/message.h"

namespace temperature::doors {

// Appends the next piece of a body to `out`; false when it was the last one. Keeps what it needs, for the doors'
// life at most.
using NextPiece = std::function<Result<bool>(std::string& out)>;

// Makes a body of pieces, the first one now and the others on `readers`, which outlive the server's threads, as fast as
// the client takes them. The first one is made before the head is sent, so that an error still gets its status; one
// that comes later can only cut the body short.
Result<void> stream(Readers& readers, NextPiece next, http::Response& response);

}  // namespace temperature::doors
