#include "reports/curl_sender.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace temperature::reports {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// The answer as it comes.
struct Incoming {
  SendAnswer answer;
  std::size_t bytes = 0;
};

bool fits(Incoming& incoming, std::size_t bytes) {
  incoming.bytes += bytes;
  return incoming.bytes <= limits::kReportAnswerBytesMax;
}

std::string value_of(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(kBlanks) + 1 - first));
}

// libcurl fails the request where less than all bytes are taken.
size_t take_header(char* bytes, size_t size, size_t count, void* to) {
  auto& incoming = *static_cast<Incoming*>(to);
  if (!fits(incoming, size * count)) return 0;
  const std::string_view line(bytes, size * count);
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return size * count;
  std::string name(line.substr(0, colon));
  for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  const std::string value = value_of(line.substr(colon + 1));
  if (name == "retry-after") incoming.answer.retry_after = value;
  if (name == "x-sentry-rate-limits") {
    std::string& all = incoming.answer.rate_limits;  // there may be several, as of every list
    all += all.empty() ? value : ',' + value;
  }
  return size * count;
}

size_t take_body(char*, size_t size, size_t count, void* to) {
  return fits(*static_cast<Incoming*>(to), size * count) ? size * count : 0;
}

}  // namespace

struct CurlSender::Handles {
  Handles() = default;
  Handles(const Handles&) = delete;
  Handles& operator=(const Handles&) = delete;
  ~Handles() {
    curl_easy_cleanup(easy);
    curl_multi_cleanup(multi);
    curl_slist_free_all(headers);
  }

  bool add_header(const std::string& header) {
    curl_slist* added = curl_slist_append(headers, header.c_str());
    if (added != nullptr) headers = added;
    return added != nullptr;
  }

  CURLM* multi = curl_multi_init();
  CURL* easy = curl_easy_init();
  curl_slist* headers = nullptr;
  std::array<char, CURL_ERROR_SIZE> problem{};
};

CurlSender::CurlSender(std::unique_ptr<Handles> handles)
    : handles_(std::move(handles)), give_up_at_(steady_clock::time_point::max()) {}

CurlSender::~CurlSender() = default;

Result<std::unique_ptr<CurlSender>> CurlSender::create(const Dsn& dsn, const std::string& version) {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  auto handles = std::make_unique<Handles>();
  const std::string client = fmt::format("temperature-service/{}", version);
  const bool made = started == CURLE_OK && handles->multi != nullptr && handles->easy != nullptr &&
                    handles->add_header("Content-Type: application/x-sentry-envelope") &&
                    handles->add_header(fmt::format("X-Sentry-Auth: Sentry sentry_version=7, sentry_client={}, "
                                                    "sentry_key={}",
                                                    client, dsn.public_key)) &&
                    handles->add_header("Expect:");  // no permission is asked for first
  if (!made) return failure(ErrorCode::startup, "error reports cannot be sent: libcurl does not start");
  CURL* easy = handles->easy;
  curl_easy_setopt(easy, CURLOPT_URL, dsn.envelope_url.c_str());
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, handles->headers);
  curl_easy_setopt(easy, CURLOPT_USERAGENT, client.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, dsn.encrypted ? "https" : "http");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);  // nobody waits for a name that is not found out
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(milliseconds(limits::kReportConnectTimeout).count()));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(milliseconds(limits::kReportTimeout).count()));
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, handles->problem.data());
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
  if (dsn.loopback) curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
  return std::unique_ptr<CurlSender>(new CurlSender(std::move(handles)));
}

SendAnswer CurlSender::send(const std::string& envelope) {
  Incoming incoming;
  CURL* easy = handles_->easy;
  CURLM* multi = handles_->multi;
  handles_->problem[0] = '\0';
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, envelope.data());
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(envelope.size()));
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &incoming);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &incoming);
  if (curl_multi_add_handle(multi, easy) != CURLM_OK) {
    incoming.answer.failure = "libcurl takes no request";
    return incoming.answer;
  }
  CURLcode code = CURLE_OPERATION_TIMEDOUT;
  int running = 1;
  while (running > 0) {
    const auto left = std::chrono::ceil<milliseconds>(give_up_at_.load() - steady_clock::now());
    if (left <= milliseconds(0) || curl_multi_perform(multi, &running) != CURLM_OK) break;
    const auto wait = std::min(left, milliseconds(limits::kReportTimeout));
    if (running > 0) curl_multi_poll(multi, nullptr, 0, static_cast<int>(wait.count()), nullptr);
  }
  int messages = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi, &messages)) {
    if (message->msg == CURLMSG_DONE) code = message->data.result;
  }
  curl_multi_remove_handle(multi, easy);
  if (code != CURLE_OK) {
    incoming.answer.failure = handles_->problem[0] != '\0' ? handles_->problem.data() : curl_easy_strerror(code);
    return incoming.answer;
  }
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  incoming.answer.status = static_cast<int>(status);
  return incoming.answer;
}

void CurlSender::give_up_at(steady_clock::time_point moment) {
  give_up_at_.store(moment);
  curl_multi_wakeup(handles_->multi);
}

}  // namespace temperature::reports
