#include "http/inflate.h"

#include <fmt/format.h>
#include <libdeflate.h>

#include <algorithm>
#include <memory>

#include "base/sizes.h"
#include "http/field_list.h"

namespace temperature::http {
namespace {

constexpr std::size_t kFirstGuess = 8;  // how much larger a body is than its gzip, at first

struct Free {
  void operator()(libdeflate_decompressor* decompressor) const { libdeflate_free_decompressor(decompressor); }
};
using Decompressor = std::unique_ptr<libdeflate_decompressor, Free>;

}  // namespace

Result<bool> is_gzip(std::string_view content_encoding) {
  bool gzip = false;
  for (std::string_view rest = content_encoding; rest.data() != nullptr;) {
    const std::string_view coding = take_element(rest);
    if (coding.empty() || equal_without_case(coding, "identity")) continue;
    if (gzip || !(equal_without_case(coding, "gzip") || equal_without_case(coding, "x-gzip"))) {
      return failure(ErrorCode::unsupported_encoding, "a body may be gzip or not encoded");
    }
    gzip = true;
  }
  return gzip;
}

// libdeflate wants the whole output at once: guess its size, and double the guess until it fits.
Result<void> inflate_gzip(std::string_view gzip, std::size_t bytes_max, std::string& out) {
  out.clear();
  const Decompressor decompressor(libdeflate_alloc_decompressor());
  if (!decompressor) return failure(ErrorCode::overloaded, "there is no memory to decompress the body with");
  std::size_t space = std::min(bytes_max, std::max(gzip.size() * kFirstGuess, 4 * limits::kKiB));
  while (!gzip.empty()) {
    const std::size_t before = out.size();
    std::size_t used = 0;
    std::size_t made = 0;
    libdeflate_result result = LIBDEFLATE_SUCCESS;
    out.resize_and_overwrite(before + space, [&](char* data, std::size_t) {
      result = libdeflate_gzip_decompress_ex(decompressor.get(), gzip.data(), gzip.size(), data + before, space, &used,
                                             &made);
      return before + (result == LIBDEFLATE_SUCCESS ? made : 0);
    });
    if (result == LIBDEFLATE_INSUFFICIENT_SPACE) {
      if (before + space >= bytes_max) {
        return failure(ErrorCode::body_too_large,
                       fmt::format("a body may have {} bytes after decompression", bytes_max));
      }
      space = std::min(bytes_max - before, space * 2);
      continue;
    }
    if (result != LIBDEFLATE_SUCCESS) {
      return failure(ErrorCode::malformed_body, "the body is not gzip, is cut short, or its checksum is wrong");
    }
    gzip.remove_prefix(used);
    space = std::min(bytes_max - out.size(), space);
  }
  return {};
}

}  // namespace temperature::http
