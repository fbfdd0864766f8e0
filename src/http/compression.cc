#include "http/compression.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <new>
#include <optional>

#include "base/check.h"
#include "http/field_list.h"

namespace temperature::http {
namespace {

constexpr int kLevel = 2;             // text of numbers and repeated names: a higher one costs more than it gains
constexpr int kWindowBits = 13 + 16;  // 8 KiB of text are looked back at; 16: with gzip's head
constexpr int kMemoryLevel = 6;
constexpr std::size_t kRoomBytes = 64;  // beyond what zlib says that it needs

// The weight of an element of Accept-Encoding, in thousandths; one that cannot be read is none.
int weight_of(std::string_view parameters) {
  while (!parameters.empty()) {
    const std::size_t end = std::min(parameters.find(';'), parameters.size());
    const std::string_view parameter = trim_blanks(parameters.substr(0, end));
    parameters.remove_prefix(std::min(end + 1, parameters.size()));
    if (parameter.size() < 2 || !equal_without_case(parameter.substr(0, 2), "q=")) continue;
    double weight = 0;
    const std::string_view number = parameter.substr(2);
    const auto [rest, error] = std::from_chars(number.data(), number.data() + number.size(), weight);
    const bool right = error == std::errc() && rest == number.data() + number.size() && weight >= 0 && weight <= 1;
    return right ? static_cast<int>(weight * 1000) : 0;
  }
  return 1000;
}

}  // namespace

bool asks_for_gzip(std::string_view accept_encoding) {
  if (accept_encoding.empty()) return false;
  std::optional<int> gzip;
  std::optional<int> any;
  int identity = 0;
  std::string_view rest = accept_encoding;
  do {
    const std::string_view element = take_element(rest);
    const std::size_t end = std::min(element.find(';'), element.size());
    const std::string_view coding = trim_blanks(element.substr(0, end));
    const int weight = weight_of(element.substr(std::min(end + 1, element.size())));
    if (equal_without_case(coding, "gzip") || equal_without_case(coding, "x-gzip")) gzip = weight;
    if (coding == "*") any = weight;
    if (equal_without_case(coding, "identity")) identity = weight;
  } while (rest.data() != nullptr);
  const int asked = gzip.value_or(any.value_or(0));
  return asked > 0 && asked >= identity;
}

bool is_compressible(const Request& request, const Response& response) {
  constexpr std::array<std::string_view, 5> kTypes{"application/json", "application/x-ndjson",
                                                   "application/problem+json", "application/openmetrics-text", "text/"};
  if (request.method != Method::get && request.method != Method::head) return false;
  if (response.body.size() < limits::kGzipBytesMin && !response.more) return false;
  if (response.status == 204 || response.status == 304) return false;
  const auto begins = [&](std::string_view type) { return response.content_type.starts_with(type); };
  if (std::ranges::none_of(kTypes, begins)) return false;
  return std::ranges::none_of(response.headers, [](const auto& header) { return header.first == "Content-Encoding"; });
}

struct GzipWriter::Stream {
  z_stream z{};
};

GzipWriter::GzipWriter() : stream_(std::make_unique<Stream>()) {
  const int begun = deflateInit2(&stream_->z, kLevel, Z_DEFLATED, kWindowBits, kMemoryLevel, Z_DEFAULT_STRATEGY);
  if (begun == Z_MEM_ERROR) throw std::bad_alloc();
  CHECK(begun == Z_OK);
}

GzipWriter::~GzipWriter() {
  deflateEnd(&stream_->z);
}

void GzipWriter::compress(std::string& body, bool last) {
  z_stream& z = stream_->z;
  std::string out;
  out.resize(deflateBound(&z, body.size()) + kRoomBytes);
  z.next_in = reinterpret_cast<Bytef*>(body.data());
  z.avail_in = static_cast<uInt>(body.size());
  std::size_t written = 0;
  while (true) {
    z.next_out = reinterpret_cast<Bytef*>(out.data() + written);
    z.avail_out = static_cast<uInt>(out.size() - written);
    const int done = deflate(&z, last ? Z_FINISH : Z_SYNC_FLUSH);
    CHECK(done == Z_OK || done == Z_STREAM_END || done == Z_BUF_ERROR);
    written = out.size() - z.avail_out;
    if (z.avail_out > 0) break;  // all is out when there was room left
    out.resize(2 * out.size());
  }
  out.resize(written);
  body = std::move(out);
}

}  // namespace temperature::http
