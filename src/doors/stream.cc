#include "doors/stream.h"

#include <utility>

namespace temperature::doors {

Result<void> stream(Readers& readers, NextPiece next, http::Response& response) {
  const auto more = next(response.body);
  if (!more) return std::unexpected(more.error());
  if (!*more) return {};
  response.more = [&readers, next = std::move(next)](http::Exchange& exchange) {
    // The response, and what it holds, stays until the piece is finished.
    readers.go_on([&exchange, &next] {
      const auto follows = next(exchange.piece);
      if (!follows) {
        exchange.response.error_code = traits(follows.error().code).code;
        exchange.response.error_detail = follows.error().detail;
      }
      exchange.piece_is = !follows ? http::Piece::broken : *follows ? http::Piece::more : http::Piece::last;
      exchange.finish();
    });
  };
  return {};
}

}  // namespace temperature::doors
