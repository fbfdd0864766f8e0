#include <new>

#include "base/memory_reserve.h"
#include "base/sizes.h"
#include "http/compression.h"
#include "http/session.h"

// Answers that are sent compressed, to who asks for that.
namespace temperature::http {
namespace {

constexpr std::size_t kAsideBytes = 64 * limits::kKiB;  // an answer above is compressed aside

}  // namespace

// Before the head is written, once for each answer.
bool Session::begin_compression() {
  if (aside_work_ == AsideWork::gzip) {
    note_compression();
    return true;
  }
  if (refused_ || in_pieces_ || phase_ == Phase::closed) return true;
  if (!is_compressible(request, response)) return true;
  response.headers.emplace_back("Vary", "Accept-Encoding");
  if (!asks_for_gzip(request.accept_encoding)) return true;
  if (response.more) {
    const std::size_t others = shared_.gzip_streams.fetch_add(1, std::memory_order_relaxed);
    counts_as_gzip_stream_ = true;
    if (others >= limits::kGzipStreamsMax) {
      end_compression();
      return true;
    }
  }
  if (response.more || response.body.size() <= kAsideBytes) {
    compress_body();
    note_compression();
    return true;
  }
  if (!held_) held_ = shared_from_this();
  aside_work_ = AsideWork::gzip;
  shared_.aside.take(*this);
  return false;
}

// Without the memory for it the answer is sent as it is.
void Session::compress_body() {
  try {
    const MayRunOut it_is_sent_as_it_is;
    gzip_ = std::make_unique<GzipWriter>();
    if (!response.body.empty()) gzip_->compress(response.body, !response.more);
  } catch (const std::bad_alloc&) {
    gzip_.reset();
  }
}

void Session::note_compression() {
  if (gzip_ == nullptr) return end_compression();
  response.headers.emplace_back("Content-Encoding", "gzip");
}

// On the thread that made the piece.
void Session::compress_piece() {
  if (piece_is == Piece::broken || (piece.empty() && piece_is == Piece::more)) return;
  try {
    const MayRunOut the_answer_ends_early;
    gzip_->compress(piece, piece_is == Piece::last);
  } catch (const std::bad_alloc&) {
    piece_is = Piece::broken;
  }
}

void Session::end_compression() {
  gzip_.reset();
  if (counts_as_gzip_stream_) shared_.gzip_streams.fetch_sub(1, std::memory_order_relaxed);
  counts_as_gzip_stream_ = false;
}

}  // namespace temperature::http
