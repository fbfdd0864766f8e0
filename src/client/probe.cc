#include "client/probe.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <memory>
#include <string_view>

#include "client/bounds.h"

namespace temperature::client {
namespace {

constexpr std::string_view kHttp = "http:";
constexpr std::string_view kHttps = "https:";

size_t pass_over(char*, size_t size, size_t count, void*) {
  return size * count;
}

// Nothing that is secret is sent, so it does not matter whose certificate it is.
bool ask(const std::string& url, CURLoption how) {
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> handle(curl_easy_init(), curl_easy_cleanup);
  if (!handle) return false;
  curl_easy_setopt(handle.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle.get(), CURLOPT_TIMEOUT, static_cast<long>(kProbeTimeout.count()));
  curl_easy_setopt(handle.get(), CURLOPT_SSL_VERIFYPEER, 0L);
  curl_easy_setopt(handle.get(), CURLOPT_SSL_VERIFYHOST, 0L);
  curl_easy_setopt(handle.get(), CURLOPT_WRITEFUNCTION, pass_over);
  curl_easy_setopt(handle.get(), CURLOPT_MAXFILESIZE, static_cast<long>(kAnswerHeaderBytesMax));
  curl_easy_setopt(handle.get(), how, 1L);
  return curl_easy_perform(handle.get()) == CURLE_OK;
}

}  // namespace

std::optional<std::string> other_scheme(const std::string& url) {
  if (url.starts_with(kHttp)) {
    const std::string other = fmt::format("{}{}", kHttps, url.substr(kHttp.size()));
    if (!ask(other, CURLOPT_CONNECT_ONLY)) return std::nullopt;  // a handshake, and no request
    return fmt::format("the server there speaks TLS; use {}", other);
  }
  if (!url.starts_with(kHttps)) return std::nullopt;
  const std::string other = fmt::format("{}{}", kHttp, url.substr(kHttps.size()));
  if (!ask(other, CURLOPT_NOBODY)) return std::nullopt;
  return fmt::format("the server there speaks plain HTTP, without TLS; use {}", other);
}

bool is_alive(const std::string& url) {
  return ask(url + "/livez", CURLOPT_NOBODY);
}

}  // namespace temperature::client
