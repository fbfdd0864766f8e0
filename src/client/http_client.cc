#include "client/http_client.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "base/regular_file.h"
#include "client/probe.h"

namespace temperature::client {
namespace {

using std::chrono::seconds;

static_assert(CURL_ERROR_SIZE <= 256, "HttpClient::problem_");

struct CurlUrl {
  CURLU* url = curl_url();
  CurlUrl() = default;
  CurlUrl(const CurlUrl&) = delete;
  CurlUrl& operator=(const CurlUrl&) = delete;
  ~CurlUrl() { curl_url_cleanup(url); }

  std::string part(CURLUPart which) const {
    char* text = nullptr;
    if (curl_url_get(url, which, &text, 0) != CURLUE_OK) return {};
    std::string copy = text;
    curl_free(text);
    return copy;
  }
};

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "[::1]" || host.starts_with("127.");
}

size_t keep(char* bytes, size_t size, size_t count, void* to) {
  auto& body = *static_cast<std::string*>(to);
  if (body.size() + size * count > kAnswerBytesMax) return 0;  // libcurl fails the request
  body.append(bytes, size * count);
  return size * count;
}

// libcurl has a bound for one header alone, and for all of them only since 8.3.
size_t count_header(char*, size_t size, size_t count, void* to) {
  auto& bytes = *static_cast<std::size_t*>(to);
  bytes += size * count;
  return bytes > kAnswerHeaderBytesMax ? 0 : size * count;
}

std::string content_type_of(CURL* handle) {
  const char* said = nullptr;
  curl_easy_getinfo(handle, CURLINFO_CONTENT_TYPE, &said);
  std::string type = said == nullptr ? "" : said;
  type.resize(std::min(type.size(), type.find(';')));
  while (type.ends_with(' ')) type.pop_back();
  for (char& c : type) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return type;
}

// The body of a stream: handed out, or kept when it says what is wrong.
struct Taken {
  CURL* handle;
  std::string_view content_type;
  const std::function<bool(std::string_view)>& take;
  std::string kept;
  bool refused = false;  // it is of another type
};

size_t hand_out(char* bytes, size_t size, size_t count, void* to) {
  auto& taken = *static_cast<Taken*>(to);
  long status = 0;
  curl_easy_getinfo(taken.handle, CURLINFO_RESPONSE_CODE, &status);
  if (status != 200) return keep(bytes, size, count, &taken.kept);
  taken.refused = content_type_of(taken.handle) != taken.content_type;
  if (taken.refused) return 0;
  return taken.take({bytes, size * count}) ? size * count : 0;
}

// Failures that a server which speaks the other of http and https causes.
bool garbled(CURLcode code) {
  switch (code) {
    case CURLE_UNSUPPORTED_PROTOCOL:  // "HTTP/0.9": no HTTP at all
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
      return true;
    default:
      return false;
  }
}

// Failures that another try may not meet. The rest (a bad certificate, an answer too large) is final.
bool passing(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
      return true;
    default:
      return false;
  }
}

}  // namespace

Duration backoff(int failed_attempts, double share) {
  const int doublings = std::min(failed_attempts - 1, 16);
  const Duration whole = std::min(kBackoffMax, kBackoffFirst * (std::int64_t{1} << doublings));
  return whole / 2 + Duration(static_cast<std::int64_t>(static_cast<double>((whole / 2).count()) * share));
}

HttpClient::HttpClient(HttpTarget target, Pause& pause)
    : target_(std::move(target)), pause_(pause), random_(std::random_device()()) {}

HttpClient::~HttpClient() {
  curl_easy_cleanup(handle_);
  curl_slist_free_all(headers_);
}

Result<std::unique_ptr<HttpClient>> HttpClient::create(HttpTarget target, Pause& pause) {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);  // once, before any thread needs it
  if (started != CURLE_OK) return failure(ErrorCode::startup, "libcurl does not start");
  std::unique_ptr<HttpClient> client(new HttpClient(std::move(target), pause));
  if (auto ready = client->set_up(); !ready) return std::unexpected(std::move(ready.error()));
  return client;
}

Result<void> HttpClient::set_up() {
  const CurlUrl url;
  while (target_.url.ends_with('/')) target_.url.pop_back();
  const std::string scheme = curl_url_set(url.url, CURLUPART_URL, target_.url.c_str(), 0) == CURLUE_OK
                                 ? url.part(CURLUPART_SCHEME)
                                 : std::string();
  if ((scheme != "http" && scheme != "https") || !url.part(CURLUPART_QUERY).empty() ||
      !url.part(CURLUPART_FRAGMENT).empty()) {
    return failure(ErrorCode::usage,
                   fmt::format("cannot send to \"{}\": give the service's address as http://HOST:PORT", target_.url));
  }
  if (std::ranges::any_of(target_.key, [](char c) { return c <= ' ' || c > '~'; })) {
    return failure(ErrorCode::usage, "the key has a space or another character that no key has");
  }
  if (!target_.ca_file.empty()) {
    if (auto regular = check_regular_file(target_.ca_file, kCaFileBytesMax); !regular) return regular;
  }
  handle_ = curl_easy_init();
  CHECK(handle_ != nullptr);
  const auto add_header = [this](const std::string& header) {
    headers_ = curl_slist_append(headers_, header.c_str());
    CHECK(headers_ != nullptr);
  };
  add_header("Content-Type: application/json");
  add_header("Expect:");  // large bodies need no permission first
  if (!target_.key.empty()) add_header("Authorization: Bearer " + target_.key);
  if (!target_.traceparent.empty()) add_header("traceparent: " + target_.traceparent);
  if (!target_.tracestate.empty()) add_header("tracestate: " + target_.tracestate);
  curl_easy_setopt(handle_, CURLOPT_HTTPHEADER, headers_);
  curl_easy_setopt(handle_, CURLOPT_USERAGENT, "temperature-service");
  curl_easy_setopt(handle_, CURLOPT_PROTOCOLS_STR, "http,https");
  if (!target_.ca_file.empty()) curl_easy_setopt(handle_, CURLOPT_CAINFO, target_.ca_file.c_str());
  if (target_.any_certificate) {
    CHECK(target_.key.empty());
    curl_easy_setopt(handle_, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(handle_, CURLOPT_SSL_VERIFYHOST, 0L);
  }
  curl_easy_setopt(handle_, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle_, CURLOPT_FOLLOWLOCATION, 0L);  // the key goes nowhere else
  curl_easy_setopt(handle_, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(Duration(kConnectTimeout).count()));
  curl_easy_setopt(handle_, CURLOPT_TIMEOUT_MS, static_cast<long>(Duration(target_.timeout).count()));
  curl_easy_setopt(handle_, CURLOPT_ERRORBUFFER, problem_.data());
  curl_easy_setopt(handle_, CURLOPT_HEADERFUNCTION, count_header);
  curl_easy_setopt(handle_, CURLOPT_HEADERDATA, &header_bytes_);
  curl_easy_setopt(handle_, CURLOPT_WRITEFUNCTION, keep);
  if (target_.say) {
    curl_easy_setopt(handle_, CURLOPT_XFERINFOFUNCTION, watch);
    curl_easy_setopt(handle_, CURLOPT_XFERINFODATA, this);
    curl_easy_setopt(handle_, CURLOPT_NOPROGRESS, 0L);
  }
  if (is_loopback(url.part(CURLUPART_HOST))) curl_easy_setopt(handle_, CURLOPT_NOPROXY, "*");
  return {};
}

HttpClient::Attempt HttpClient::attempt(const std::string& body) {
  Attempt attempt;
  begun_ = std::chrono::steady_clock::now();
  problem_[0] = '\0';
  header_bytes_ = 0;
  curl_easy_setopt(handle_, CURLOPT_POSTFIELDS, body.data());
  curl_easy_setopt(handle_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  curl_easy_setopt(handle_, CURLOPT_WRITEDATA, &attempt.answer.body);
  const CURLcode code = curl_easy_perform(handle_);
  if (code != CURLE_OK) {
    attempt.failure = failure_text(code);
    attempt.final = !passing(code);
    attempt.timed_out = code == CURLE_OPERATION_TIMEDOUT;
    attempt.garbled = !reached_ && garbled(code);
    return attempt;
  }
  long status = 0;
  curl_easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &status);
  attempt.answer.status = static_cast<int>(status);
  attempt.answer.content_type = content_type_of(handle_);
  reached_ = true;
  if (status != 429 && status < 500) return attempt;
  curl_off_t named_s = 0;
  curl_easy_getinfo(handle_, CURLINFO_RETRY_AFTER, &named_s);
  attempt.retry_after = seconds(std::clamp<curl_off_t>(named_s, 0, 1'000'000'000));
  attempt.failure = fmt::format("status {}", status);
  if (named_s > 0) attempt.failure += fmt::format(", try again in {} s", named_s);
  return attempt;
}

// What went wrong with the request, in words.
std::string HttpClient::failure_text(int code) const {
  if (header_bytes_ > kAnswerHeaderBytesMax) {
    return fmt::format("the answer's headers have more than {} bytes", kAnswerHeaderBytesMax);
  }
  if (silent_) return fmt::format("it takes connections, and answers nothing within {} s", kReachMax / seconds(1));
  if (code == CURLE_WRITE_ERROR) return fmt::format("the answer has more than {} bytes", kAnswerBytesMax);
  return problem_[0] != '\0' ? problem_.data() : curl_easy_strerror(static_cast<CURLcode>(code));
}

Duration HttpClient::patience(bool named) const {
  const bool never = target_.retry_for == Duration(0);
  if (named && !never) return std::max(target_.retry_for, kRetryAfterMax);
  return reached_ ? target_.retry_for : std::min(target_.retry_for, target_.reach_for);
}

void HttpClient::say_waiting(const std::string& why) {
  if (!target_.say || said_) return;
  said_ = true;
  target_.say(fmt::format("waiting for {}: {}", target_.url, why));
}

// libcurl calls it some times a second while a request is under way. Not 0 ends the request.
int HttpClient::watch(void* client, std::int64_t, std::int64_t, std::int64_t, std::int64_t) {
  auto& its = *static_cast<HttpClient*>(client);
  const auto waited = std::chrono::steady_clock::now() - its.begun_;
  if (its.reached_ || its.streams_ || waited < kWaitSaidAfter) return 0;
  its.say_waiting("no answer yet");
  if (its.probed_ || waited < kReachMax) return 0;
  its.probed_ = true;  // what answers another question is only slow with this one: --timeout is its bound
  its.silent_ = !is_alive(its.target_.url);
  return its.silent_ ? 1 : 0;
}

// Of a request's wait the part between these two, which says so on the way.
bool HttpClient::wait(Duration from, Duration until, const std::string& failure) {
  if (target_.say && from < kWaitSaidAfter && until > kWaitSaidAfter) {
    if (!pause_.wait(kWaitSaidAfter - from)) return false;
    from = kWaitSaidAfter;
  }
  if (until > kWaitSaidAfter) say_waiting(failure);
  return pause_.wait(until - from);
}

Result<HttpAnswer> HttpClient::post_json(std::string_view path, const std::string& body) {
  return send(path, body);
}

Result<HttpAnswer> HttpClient::request(std::string_view method, std::string_view path, const std::string& body) {
  const std::string name(method);
  curl_easy_setopt(handle_, CURLOPT_CUSTOMREQUEST, name.c_str());
  auto answered = send(path, body);
  curl_easy_setopt(handle_, CURLOPT_CUSTOMREQUEST, nullptr);
  return answered;
}

Result<HttpAnswer> HttpClient::get_once(std::string_view path) {
  const std::string url = target_.url + std::string(path);
  curl_easy_setopt(handle_, CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle_, CURLOPT_CUSTOMREQUEST, "GET");
  Attempt tried = attempt("");
  curl_easy_setopt(handle_, CURLOPT_CUSTOMREQUEST, nullptr);
  if (tried.answer.status != 0) return std::move(tried.answer);
  if (tried.garbled) {
    if (auto other = other_scheme(target_.url)) tried.failure = std::move(*other);
  }
  return failure(ErrorCode::startup, fmt::format("cannot ask {}: {}", target_.url, tried.failure));
}

Result<HttpAnswer> HttpClient::stream(std::string_view path, std::string_view content_type,
                                      const std::function<bool(std::string_view)>& take) {
  const std::string url = target_.url + std::string(path);
  Taken taken{handle_, content_type, take, {}};
  problem_[0] = '\0';
  header_bytes_ = 0;
  curl_easy_setopt(handle_, CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle_, CURLOPT_HTTPGET, 1L);
  curl_easy_setopt(handle_, CURLOPT_WRITEFUNCTION, hand_out);
  curl_easy_setopt(handle_, CURLOPT_WRITEDATA, &taken);
  curl_easy_setopt(handle_, CURLOPT_TIMEOUT_MS, 0L);  // as long as something comes
  curl_easy_setopt(handle_, CURLOPT_LOW_SPEED_LIMIT, kStreamBytesPerSecondMin);
  curl_easy_setopt(handle_, CURLOPT_LOW_SPEED_TIME, static_cast<long>(target_.timeout.count()));
  streams_ = true;
  const CURLcode code = curl_easy_perform(handle_);
  streams_ = false;
  curl_easy_setopt(handle_, CURLOPT_LOW_SPEED_TIME, 0L);
  curl_easy_setopt(handle_, CURLOPT_TIMEOUT_MS, static_cast<long>(Duration(target_.timeout).count()));
  curl_easy_setopt(handle_, CURLOPT_WRITEFUNCTION, keep);
  curl_easy_setopt(handle_, CURLOPT_POST, 1L);
  if (code != CURLE_OK && !taken.refused) {
    return failure(ErrorCode::startup, fmt::format("cannot read from {}: {}", target_.url, failure_text(code)));
  }
  long status = 0;
  curl_easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &status);
  return HttpAnswer{static_cast<int>(status), std::move(taken.kept), content_type_of(handle_)};
}

Result<HttpAnswer> HttpClient::send(std::string_view path, const std::string& body) {
  const std::string url = target_.url + std::string(path);
  curl_easy_setopt(handle_, CURLOPT_URL, url.c_str());
  Duration waited{0};
  said_ = false;
  for (int attempts = 1;; ++attempts) {
    Attempt tried = attempt(body);
    if (tried.failure.empty()) return std::move(tried.answer);
    const double share = static_cast<double>(random_()) / static_cast<double>(std::minstd_rand::max());
    const bool named = tried.retry_after > Duration(0);
    Duration wait = named ? tried.retry_after : backoff(attempts, share);
    if (!named && waited < patience(named)) wait = std::min(wait, patience(named) - waited);  // the last try ends it
    const Duration before = waited;
    waited += wait;
    if (tried.timed_out && (attempts > 1 || !reached_)) waited += target_.timeout;
    const bool last = tried.final || waited > patience(named);
    if (tried.garbled && (last || attempts > 1) && !probed_) {
      probed_ = true;
      if (auto other = other_scheme(target_.url)) {
        return failure(ErrorCode::startup, fmt::format("cannot send to {}: {}", target_.url, *other));
      }
    }
    if (last) {
      const std::string gave_up =
          tried.final || before < kWaitSaidAfter ? "" : fmt::format("; gave up after {} s", before / seconds(1));
      return failure(ErrorCode::startup, fmt::format("cannot send to {}: {} (tried {} time{}){}", target_.url,
                                                     tried.failure, attempts, attempts == 1 ? "" : "s", gave_up));
    }
    if (!this->wait(before, before + wait, tried.failure)) {
      return failure(ErrorCode::startup,
                     fmt::format("interrupted while {} could not be reached: {}", target_.url, tried.failure));
    }
  }
}

}  // namespace temperature::client
