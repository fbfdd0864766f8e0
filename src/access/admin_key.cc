#include "access/admin_key.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/rand.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/regular_file.h"
#include "base/sizes.h"

namespace temperature::access {
namespace {

constexpr std::string_view kPrefix = "tsa_";  // so that a key is known when it is seen in the wrong place
constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kSecretBytesMax = 4 * limits::kKiB;

}  // namespace

Result<void> check_admin_key(const std::string& key) {
  if (key.size() < kAdminKeyCharactersMin || std::ranges::any_of(key, [](char c) { return c <= ' ' || c > '~'; })) {
    return failure(
        ErrorCode::startup,
        fmt::format("the admin key must have {} or more printable characters without spaces", kAdminKeyCharactersMin));
  }
  return {};
}

Result<AdminKey> read_or_make_admin_key(const std::filesystem::path& file) {
  std::error_code error;
  if (std::filesystem::exists(file, error)) {
    auto key = read_secret(file);
    if (!key) return std::unexpected(std::move(key.error()));
    return AdminKey{std::move(*key)};
  }
  std::array<unsigned char, kKeyBytes> random{};
  if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1) {
    return failure(ErrorCode::startup, "cannot make an admin key: the machine gives no random numbers");
  }
  AdminKey made{.key = std::string(kPrefix), .made = true};
  for (const unsigned char byte : random) fmt::format_to(std::back_inserter(made.key), "{:02x}", byte);
  if (auto written = write_secret(file, made.key + "\n"); !written) return std::unexpected(std::move(written.error()));
  return made;
}

Result<void> write_secret(const std::filesystem::path& file, const std::string& text) {
  const auto failed = [&file] {
    return failure(ErrorCode::startup, fmt::format("cannot write {}: {}", file.string(), std::strerror(errno)));
  };
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (descriptor < 0) return failed();
  const bool written =
      ::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(descriptor) == 0;
  const int reason = errno;
  ::close(descriptor);
  errno = reason;
  if (!written) {
    auto error = failed();
    ::unlink(file.c_str());
    return error;
  }
  return {};
}

bool is_open_to_others(const std::filesystem::path& file) {
  using std::filesystem::perms;
  std::error_code error;
  const auto status = std::filesystem::status(file, error);
  return std::filesystem::exists(status) &&
         (status.permissions() & (perms::others_all | perms::group_write)) != perms::none;
}

Result<std::string> read_secret(const std::filesystem::path& file) {
  auto read = read_regular_file(file, kSecretBytesMax);
  if (!read) return failure(ErrorCode::startup, fmt::format("no secret can be had: {}", read.error().detail));
  std::string line = std::move(*read);
  line.resize(std::min(line.find_first_of("\r\n"), line.size()));
  if (line.empty()) return failure(ErrorCode::startup, fmt::format("there is no secret in {}", file.string()));
  return line;
}

}  // namespace temperature::access
