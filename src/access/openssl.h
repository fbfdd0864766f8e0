#pragma once

#include <openssl/bio.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>

#include <memory>
#include <string_view>

// Owners for what OpenSSL hands out. For .cc files of this folder.
namespace temperature::access {

struct OpensslDeleter {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
  void operator()(BIGNUM* number) const { BN_free(number); }
};
using Pkey = std::unique_ptr<EVP_PKEY, OpensslDeleter>;
using PkeyContext = std::unique_ptr<EVP_PKEY_CTX, OpensslDeleter>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, OpensslDeleter>;
using Bio = std::unique_ptr<BIO, OpensslDeleter>;
using EcdsaSignature = std::unique_ptr<ECDSA_SIG, OpensslDeleter>;
using BigNumber = std::unique_ptr<BIGNUM, OpensslDeleter>;

inline const unsigned char* unsigned_bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace temperature::access
