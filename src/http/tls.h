#pragma once

#include <filesystem>
#include <memory>
#include <mutex>

#include "base/error.h"
#include "base/time.h"

namespace boost::asio::ssl {
class context;  // NOLINT(readability-identifier-naming): Asio's
}

namespace temperature::http {

// The listener's certificate and its private key, both PEM; TLS 1.2 and 1.3. Thread-safe.
class Tls {
 public:
  struct Files {
    std::filesystem::path certificate;  // with the certificates between it and the root, if there are any
    std::filesystem::path key;          // not encrypted
  };

  // Error startup: names the file and what is wrong with it.
  static Result<std::unique_ptr<Tls>> load(Files files);
  ~Tls();
  Tls(const Tls&) = delete;
  Tls& operator=(const Tls&) = delete;

  // Reads the files again, for connections from now on. After an error the old ones stay in use.
  Result<void> reload();

  [[nodiscard]] std::shared_ptr<boost::asio::ssl::context> context() const;

  // When the certificate that is in use ceases to be valid.
  [[nodiscard]] Timestamp expires() const;

 private:
  Tls(Files files, std::shared_ptr<boost::asio::ssl::context> context);

  const Files files_;
  mutable std::mutex mutex_;
  std::shared_ptr<boost::asio::ssl::context> context_;
};

}  // namespace temperature::http
