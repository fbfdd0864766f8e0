#include "base/keyed_hash.h"

#include <sys/random.h>

#include <cerrno>

#include "base/check.h"

#define XXH_INLINE_ALL  // no library to link, no call for a short name
#include <xxhash.h>

namespace temperature {
namespace {

struct Secret {
  alignas(64) std::array<unsigned char, XXH3_SECRET_DEFAULT_SIZE> bytes{};

  // The kernel has random bytes from early in its start on, and waits until then.
  Secret() {
    ssize_t drawn = 0;
    do {
      drawn = getrandom(bytes.data(), bytes.size(), 0);
    } while (drawn < 0 && errno == EINTR);
    CHECK(drawn == static_cast<ssize_t>(bytes.size()));  // up to 256 bytes come whole
  }
};
static_assert(XXH3_SECRET_DEFAULT_SIZE >= XXH3_SECRET_SIZE_MIN && XXH3_SECRET_DEFAULT_SIZE <= 256);

const Secret& secret() {
  static const Secret drawn;
  return drawn;
}

}  // namespace

std::uint64_t keyed_hash(std::string_view bytes) {
  const Secret& key = secret();
  return XXH3_64bits_withSecret(bytes.data(), bytes.size(), key.bytes.data(), key.bytes.size());
}

std::uint64_t keyed_hash(std::uint64_t number) {
  return keyed_hash(std::string_view(reinterpret_cast<const char*>(&number), sizeof(number)));
}

}  // namespace temperature
