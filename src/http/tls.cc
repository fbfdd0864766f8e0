#include "http/tls.h"

#include <fmt/format.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/context.hpp>
#include <ctime>

#include "base/regular_file.h"
#include "base/sizes.h"

namespace temperature::limits {

// Bytes of the file with the certificates, and of that with their key; a larger one is refused.
inline constexpr std::size_t kTlsFileBytesMax = kMiB;

}  // namespace temperature::limits

namespace temperature::http {
namespace {

namespace ssl = boost::asio::ssl;

// For TLS 1.2; those of 1.3 are all good. Forward secrecy and authenticated encryption, nothing else.
constexpr const char* kCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20";

Result<std::shared_ptr<ssl::context>> make_context(const Tls::Files& files) {
  const auto failed = [](const std::filesystem::path& file, const boost::system::error_code& error) {
    return failure(ErrorCode::startup, fmt::format("cannot serve TLS with {}: {}", file.string(), error.message()));
  };
  const auto not_read = [](const Error& why) {
    return failure(ErrorCode::startup, fmt::format("cannot serve TLS: {}", why.detail));
  };
  auto made = std::make_shared<ssl::context>(ssl::context::tls_server);
  SSL_CTX* native = made->native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_cipher_list(native, kCiphers);
  boost::system::error_code error;
  // An encrypted key is an error: nobody is there to type its password.
  made->set_password_callback([](std::size_t, ssl::context::password_purpose) { return std::string(); }, error);
  const auto certificate = read_regular_file(files.certificate, limits::kTlsFileBytesMax);
  if (!certificate) return not_read(certificate.error());
  const auto key = read_regular_file(files.key, limits::kTlsFileBytesMax);
  if (!key) return not_read(key.error());
  made->use_certificate_chain(boost::asio::buffer(*certificate), error);
  if (error) return failed(files.certificate, error);
  made->use_private_key(boost::asio::buffer(*key), ssl::context::pem, error);
  if (error) return failed(files.key, error);
  if (SSL_CTX_check_private_key(native) != 1) {
    return failure(ErrorCode::startup, fmt::format("cannot serve TLS: the key in {} is not that of the certificate {}",
                                                   files.key.string(), files.certificate.string()));
  }
  return made;
}

}  // namespace

Tls::Tls(Files files, std::shared_ptr<ssl::context> context) : files_(std::move(files)), context_(std::move(context)) {}
Tls::~Tls() = default;

Result<std::unique_ptr<Tls>> Tls::load(Files files) {
  auto context = make_context(files);
  if (!context) return std::unexpected(std::move(context.error()));
  return std::unique_ptr<Tls>(new Tls(std::move(files), std::move(*context)));
}

Result<void> Tls::reload() {
  auto made = make_context(files_);
  if (!made) return std::unexpected(std::move(made.error()));
  const std::scoped_lock lock(mutex_);
  context_ = std::move(*made);
  return {};
}

std::shared_ptr<ssl::context> Tls::context() const {
  const std::scoped_lock lock(mutex_);
  return context_;
}

Timestamp Tls::expires() const {
  const auto in_use = context();
  const X509* certificate = SSL_CTX_get0_certificate(in_use->native_handle());
  std::tm expires{};
  if (certificate == nullptr || ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &expires) != 1) return {};
  return timestamp_from_ms(static_cast<std::int64_t>(timegm(&expires)) * 1'000);
}

}  // namespace temperature::http
