// Sensors that send at their own pace, whatever the service does: one reading a request, each on its own connection.
//   paced PORT CONNECTIONS REQUESTS_A_SECOND SECONDS TOKENS FIRST SENSORS
// Connection i is sensor-(FIRST + i % SENSORS), whose credential is that line (from 0) of the file TOKENS. Latencies
// are from the moment at which a request was due. Prints how many were taken (2xx), limited (429) and failed (the
// rest).
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <string>
#include <vector>

namespace {

using SteadyClock = std::chrono::steady_clock;

[[noreturn]] void die(const char* what) {
  std::perror(what);
  std::exit(1);
}

struct Connection {
  int socket = -1;
  std::string sensor;
  std::string token;
  std::string answer;
  std::deque<SteadyClock::time_point> due;  // of the request under way, and of those that wait for it
};

int connect_to(int port) {
  const int made = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(made, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) die("connect");
  const int on = 1;
  ::setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return made;
}

void send_reading(const Connection& connection) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  const std::string body = R"({"building":"b1","room":"room-)" +
                           connection.sensor.substr(connection.sensor.size() - 1) + R"(","sensor":")" +
                           connection.sensor + R"(","timestamp":)" + std::to_string(ms) + R"(,"value":21.5})";
  const std::string request =
      "POST /v1/readings HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      "Authorization: Bearer " +
      connection.token + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  if (::send(connection.socket, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size())) {
    die("send");
  }
}

// The status of the answer when it is whole, else 0.
int receive(Connection& connection) {
  char buffer[16384];
  const auto got = ::recv(connection.socket, buffer, sizeof buffer, 0);
  if (got <= 0) die("recv");
  connection.answer.append(buffer, static_cast<std::size_t>(got));
  const auto head = connection.answer.find("\r\n\r\n");
  if (head == std::string::npos) return 0;
  const auto length = connection.answer.find("Content-Length: ");
  const std::size_t body = length < head ? std::strtoul(connection.answer.c_str() + length + 16, nullptr, 10) : 0;
  if (connection.answer.size() < head + 4 + body) return 0;
  const int status = std::atoi(connection.answer.c_str() + 9);
  connection.answer.clear();
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 8) return std::fprintf(stderr, "paced PORT CONNECTIONS RATE SECONDS TOKENS FIRST SENSORS\n"), 2;
  const auto count = static_cast<std::size_t>(std::atoi(argv[2]));
  const double rate = std::atof(argv[3]);
  const double seconds = std::atof(argv[4]);
  const auto first = static_cast<std::size_t>(std::atoi(argv[6]));
  const auto sensors = static_cast<std::size_t>(std::atoi(argv[7]));
  std::vector<std::string> tokens;
  std::ifstream file(argv[5]);
  for (std::string line; std::getline(file, line);) tokens.push_back(line);
  const int epoll = ::epoll_create1(0);
  std::vector<Connection> connections(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t sensor = first + i % sensors;
    if (sensor >= tokens.size()) return std::fprintf(stderr, "there is no token for sensor-%zu\n", sensor), 2;
    connections[i].socket = connect_to(std::atoi(argv[1]));
    connections[i].sensor = "sensor-" + std::to_string(sensor);
    connections[i].token = tokens[sensor];
    epoll_event event{.events = EPOLLIN, .data = {.u64 = i}};
    ::epoll_ctl(epoll, EPOLL_CTL_ADD, connections[i].socket, &event);
  }
  const auto interval = std::chrono::duration_cast<SteadyClock::duration>(std::chrono::duration<double>(1 / rate));
  const auto total = static_cast<std::size_t>(rate * seconds);
  const auto began = SteadyClock::now();
  std::vector<std::uint32_t> latencies_us;
  std::size_t sent = 0;
  std::size_t taken = 0;
  std::size_t limited = 0;
  std::size_t failed = 0;
  epoll_event events[256];
  while (taken + limited + failed < total) {
    auto now = SteadyClock::now();
    for (; sent < total && began + interval * static_cast<std::int64_t>(sent) <= now; ++sent) {
      Connection& next = connections[sent % count];
      next.due.push_back(began + interval * static_cast<std::int64_t>(sent));
      if (next.due.size() == 1) send_reading(next);
    }
    const int ready = ::epoll_wait(epoll, events, 256, sent < total ? 1 : -1);
    for (int i = 0; i < ready; ++i) {
      Connection& connection = connections[events[i].data.u64];
      const int status = receive(connection);
      if (status == 0) continue;
      now = SteadyClock::now();
      const auto waited = std::chrono::duration_cast<std::chrono::microseconds>(now - connection.due.front());
      latencies_us.push_back(static_cast<std::uint32_t>(waited.count()));
      ++(status / 100 == 2 ? taken : status == 429 ? limited : failed);
      connection.due.pop_front();
      if (!connection.due.empty()) send_reading(connection);
    }
  }
  const double took = std::chrono::duration<double>(SteadyClock::now() - began).count();
  std::ranges::sort(latencies_us);
  const auto at = [&](double share) {
    return latencies_us[static_cast<std::size_t>(static_cast<double>(latencies_us.size() - 1) * share)];
  };
  std::printf(R"({"taken":%zu,"limited":%zu,"failed":%zu,"seconds":%.3f,"p50_us":%u,"p99_us":%u,"max_us":%u})"
              "\n",
              taken, limited, failed, took, at(0.5), at(0.99), at(1));
  return 0;
}
