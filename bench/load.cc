// Loads an HTTP server over loopback with keep-alive connections and says how it fared.
// LOAD_SERIES: how many series; LOAD_STEP: every which one comes next (with no common divisor: another order of all);
// LOAD_REQUESTS: stop after so many, each connection after its share; LOAD_FROM_S: the first timestamp, seconds ago.
// LOAD_TOKENS: a file with a credential on each line: sensor-0's, sensor-1's and so on, sent as Bearer credentials.
//   load PORT single|batch|lines|get CONNECTIONS SECONDS [PATH]
// single: one reading a POST; batch: 1,000 readings a POST; lines: 1,000 lines of line protocol a POST to PATH;
// get: PATH again and again.
// Readings are 10,000 series (LOAD_SERIES) at 1 Hz with two decimals; each drifts by -0.02 to 0.02 a second, which is
// 1.86 bits (0.23 bytes) of news a reading. Each connection has series of its own. LOAD_JITTER_MS: timestamps late by
// up to so much; LOAD_STEP_MS: from a series' reading to its next.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

using SteadyClock = std::chrono::steady_clock;
std::size_t number_from_environment(const char* name, std::size_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoul(text, nullptr, 10);
}

const std::size_t kSeries = number_from_environment("LOAD_SERIES", 10'000);
const auto kStepMs = static_cast<std::int64_t>(number_from_environment("LOAD_STEP_MS", 1'000));
const std::size_t kJitter = number_from_environment("LOAD_JITTER_MS", 0);
const std::size_t kStep = number_from_environment("LOAD_STEP", 1);
constexpr std::size_t kBatch = 1'000;
// Half of the time a value stays; it rarely makes two steps.
constexpr std::array<std::int32_t, 20> kSteps{-2, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2};
constexpr std::size_t kRooms = 1'000;
constexpr std::size_t kDigits = 13;  // of a timestamp in milliseconds

[[noreturn]] void die(const char* what) {
  std::perror(what);
  std::exit(1);
}

std::int64_t epoch_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

void put_digits(char* at, std::int64_t value, std::size_t digits) {
  for (std::size_t i = digits; i-- > 0; value /= 10) at[i] = static_cast<char>('0' + value % 10);
}

// A request whose timestamps and values are written anew each time it is sent.
struct Template {
  std::string bytes;
  std::vector<std::size_t> timestamps;   // offsets
  std::vector<std::size_t> values;       // of "dd.dd"
  std::vector<std::int32_t> hundredths;  // of the series' values now
};

Template lines_of(std::size_t first_series, std::size_t count, const char* path) {
  Template made;
  std::string body;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t series = (first_series + i) * kStep % kSeries;
    body += "temperature,building=b1,room=room-" + std::to_string(series % kRooms) + ",sensor=sensor-" +
            std::to_string(series) + " value=";
    made.values.push_back(body.size());
    made.hundredths.push_back(2'000 + static_cast<std::int32_t>(series % 500));
    body += "00.00 ";
    made.timestamps.push_back(body.size());
    body += std::string(kDigits, '0') + "000000\n";  // nanoseconds
  }
  const std::string head =
      "POST " + std::string(path) +
      " HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: " + std::to_string(body.size()) +
      "\r\n\r\n";
  for (auto& offset : made.timestamps) offset += head.size();
  for (auto& offset : made.values) offset += head.size();
  made.bytes = head + body;
  return made;
}
// The lines of LOAD_TOKENS; none when it is not set.
std::vector<std::string> read_tokens() {
  std::vector<std::string> tokens;
  const char* path = std::getenv("LOAD_TOKENS");
  if (path == nullptr) return tokens;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) tokens.push_back(line);
  if (tokens.empty()) die(path);
  return tokens;
}
const std::vector<std::string> kTokens = read_tokens();

Template post_of(std::size_t first_series, std::size_t count) {
  Template made;
  std::string body = count == 1 ? "" : "[";
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t series = (first_series + i) * kStep % kSeries;
    if (i > 0) body += ",";
    body += R"({"building":"b1","room":"room-)" + std::to_string(series % kRooms) + R"(","sensor":"sensor-)" +
            std::to_string(series) + R"(","quantity":"temperature","timestamp":)";
    made.timestamps.push_back(body.size());
    body += std::string(kDigits, '0') + R"(,"value":)";
    made.values.push_back(body.size());
    made.hundredths.push_back(2'000 + static_cast<std::int32_t>(series % 500));
    body += "00.00}";
  }
  if (count > 1) body += "]";
  const std::string head =
      "POST /v1/readings HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" +
      (kTokens.empty() ? "" : "Authorization: Bearer " + kTokens[first_series % kTokens.size()] + "\r\n") +
      "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  for (auto& offset : made.timestamps) offset += head.size();
  for (auto& offset : made.values) offset += head.size();
  made.bytes = head + body;
  return made;
}

class Connection {
 public:
  Connection(int port, std::vector<Template> templates, std::int64_t first_ms)
      : templates_(std::move(templates)), stamp_(first_ms) {
    socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) die("connect");
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  [[nodiscard]] int socket() const { return socket_; }

  void send_next() {
    ++sent_;
    Template& next = templates_[turn_];
    if (++turn_ == templates_.size()) {
      turn_ = 0;
      stamp_ += kStepMs;  // every series of this connection had its reading of the second
    }
    for (std::size_t i = 0; i < next.values.size(); ++i) {
      chance_ = chance_ * 6364136223846793005U + 1442695040888963407U;
      const auto late = kJitter == 0 ? 0 : static_cast<std::int64_t>((chance_ >> 20U) % (kJitter + 1));
      put_digits(next.bytes.data() + next.timestamps[i], stamp_ + late, kDigits);
      std::int32_t& value = next.hundredths[i];
      value = std::clamp(value + kSteps[(chance_ >> 40U) % kSteps.size()], 1'000, 4'000);
      put_digits(next.bytes.data() + next.values[i], value / 100, 2);
      put_digits(next.bytes.data() + next.values[i] + 3, value % 100, 2);
    }
    began_ = SteadyClock::now();
    for (std::size_t sent = 0; sent < next.bytes.size();) {
      const auto wrote = ::send(socket_, next.bytes.data() + sent, next.bytes.size() - sent, MSG_NOSIGNAL);
      if (wrote <= 0) die("send");
      sent += static_cast<std::size_t>(wrote);
    }
  }

  // True when the answer is whole; then `ok` tells whether it was a 2xx.
  bool receive(bool& ok) {
    char buffer[65536];
    const auto got = ::recv(socket_, buffer, sizeof buffer, 0);
    if (got <= 0) die("recv");
    answer_.append(buffer, static_cast<std::size_t>(got));
    const auto head = answer_.find("\r\n\r\n");
    if (head == std::string::npos) return false;
    const auto length = answer_.find("Content-Length: ");
    const std::size_t body = length < head ? std::strtoul(answer_.c_str() + length + 16, nullptr, 10) : 0;
    if (answer_.size() < head + 4 + body) return false;
    ok = answer_[9] == '2';
    if (!ok && !told_) std::fprintf(stderr, "%.600s\n", answer_.c_str());
    told_ = told_ || !ok;
    answer_.clear();
    return true;
  }
  [[nodiscard]] SteadyClock::time_point began() const { return began_; }
  [[nodiscard]] std::size_t sent() const { return sent_; }

 private:
  int socket_ = -1;
  std::vector<Template> templates_;
  std::size_t sent_ = 0;
  std::size_t turn_ = 0;
  std::int64_t stamp_;
  std::uint64_t chance_ = 88172645463325252U;
  std::string answer_;
  SteadyClock::time_point began_;
  bool told_ = false;
};

std::vector<Template> templates_of(std::string_view kind, std::size_t number, std::size_t connections,
                                   const char* path) {
  if (kind == "get") {
    Template get;
    get.bytes = "GET " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    return {get};
  }
  const std::size_t count = kind == "single" ? 1 : kBatch;
  const std::size_t share = kSeries / connections / count * count;
  std::vector<Template> made;
  for (std::size_t at = 0; at < std::max(share, count); at += count)
    made.push_back(kind == "lines" ? lines_of(number * share + at, count, path) : post_of(number * share + at, count));
  return made;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) return std::fprintf(stderr, "load PORT single|batch|lines|get CONNECTIONS SECONDS [PATH]\n"), 2;
  const int port = std::atoi(argv[1]);
  const std::string_view kind = argv[2];
  const auto count = static_cast<std::size_t>(std::atoi(argv[3]));
  const double seconds = std::atof(argv[4]);
  const char* path = argc > 5 ? argv[5] : "/";
  const int epoll = ::epoll_create1(0);
  std::vector<Connection> connections;
  connections.reserve(count);
  const std::int64_t first =
      epoch_ms() - static_cast<std::int64_t>(number_from_environment("LOAD_FROM_S", 3'600)) * 1'000;
  // A share for each connection: none gets ahead of the others, into times that are not yet.
  const std::size_t requests_max = number_from_environment("LOAD_REQUESTS", SIZE_MAX) / count;
  for (std::size_t i = 0; i < count; ++i) {
    connections.emplace_back(port, templates_of(kind, i, count, path), first);
    epoll_event event{.events = EPOLLIN, .data = {.u64 = i}};
    ::epoll_ctl(epoll, EPOLL_CTL_ADD, connections[i].socket(), &event);
  }
  std::vector<std::uint32_t> latencies_us;
  std::uint64_t failed = 0;
  const auto began = SteadyClock::now();
  const auto end = began + std::chrono::duration_cast<SteadyClock::duration>(std::chrono::duration<double>(seconds));
  for (auto& connection : connections) connection.send_next();
  std::size_t flying = count;
  epoll_event events[256];
  while (flying > 0) {
    const int ready = ::epoll_wait(epoll, events, 256, -1);
    const auto now = SteadyClock::now();
    for (int i = 0; i < ready; ++i) {
      Connection& connection = connections[events[i].data.u64];
      bool ok = false;
      if (!connection.receive(ok)) continue;
      latencies_us.push_back(static_cast<std::uint32_t>(
          std::chrono::duration_cast<std::chrono::microseconds>(SteadyClock::now() - connection.began()).count()));
      if (!ok) ++failed;
      if (now < end && connection.sent() < requests_max) {
        connection.send_next();
      } else {
        --flying;
      }
    }
  }
  const double took = std::chrono::duration<double>(SteadyClock::now() - began).count();
  std::ranges::sort(latencies_us);
  const auto at = [&](double share) {
    return latencies_us.empty()
               ? 0U
               : latencies_us[static_cast<std::size_t>(static_cast<double>(latencies_us.size() - 1) * share)];
  };
  std::printf(R"({"requests":%zu,"failed":%llu,"seconds":%.3f,"p50_us":%u,"p99_us":%u,"max_us":%u})"
              "\n",
              latencies_us.size(), static_cast<unsigned long long>(failed), took, at(0.5), at(0.99), at(1));
  return failed == 0 ? 0 : 1;
}
