#include <memory>
#include <new>
#include <system_error>

#include "base/memory_reserve.h"
#include "base/sizes.h"
#include "http/session.h"

// Where a request is handled and its answer worded: on the connection's thread, or aside when its body is large.
namespace temperature::http {
namespace {

constexpr std::size_t kLargeBytes = 16 * limits::kKiB;  // a body above takes longer than to have it handled aside
constexpr std::size_t kLargeGzipBytes = limits::kKiB;   // which may stand for so much

}  // namespace

bool Session::has_large_body() const {
  return request.body.size() > (request.content_encoding.empty() ? kLargeBytes : kLargeGzipBytes);
}

void Session::handle_aside(std::size_t its_thread) {
  if (aside_work_ != AsideWork::request) {
    if (aside_work_ == AsideWork::words) word();
    if (aside_work_ == AsideWork::gzip) compress_body();
    return worker_.completed(*this);
  }
  thread = its_thread;
  handle();
}

// What is stored is stored: who is told `overloaded` may send it again.
void Session::word() {
  const std::unique_ptr<Wording> wording_of_it = std::move(wording);
  try {
    wording_of_it->word(*this);
  } catch (const std::bad_alloc&) {
    response.clear();
    refused_ = Error{ErrorCode::overloaded, "there is not enough memory to answer this request now"};
  }
}

// What a door throws for want of memory it throws before somebody else has the request: in there nothing runs out.
void Session::handle() {
  try {
    const MayRunOut nobody_else_has_it;
    if (auto decoded = decode_body(); !decoded) {
      refused_ = std::move(decoded.error());
      return finish();
    }
    return entry_->route.door->handle(*this);
  } catch (const std::bad_alloc&) {
    wording.reset();
    response.clear();
    refused_ = Error{ErrorCode::overloaded, "there is not enough memory for this request now"};
  } catch (const std::system_error&) {  // no thread could be started
    wording.reset();
    response.clear();
    refused_ = Error{ErrorCode::overloaded, "the machine lets this service do no more at once now"};
  }
  finish();
}

void Session::finish() {
  if (in_pieces_ && gzip_ != nullptr) compress_piece();
  const MustNotRunOut it_is_answered;
  if (worker_.is_this_thread() && handling_inline_) {
    finished_inline_ = true;
    return;
  }
  worker_.completed(*this);
}

}  // namespace temperature::http
