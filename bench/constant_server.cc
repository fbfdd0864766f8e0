// The floor of the benchmarks: the service's own HTTP code, answering a constant on every address.
//   constant_server THREADS
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "access/open_gate.h"
#include "http/server.h"

namespace {

class ConstantDoor final : public temperature::http::Door {
 public:
  explicit ConstantDoor(const char* body) : body_(body) {}
  void handle(temperature::http::Exchange& exchange) override {
    exchange.response.body = body_;
    exchange.finish();
  }

 private:
  const char* body_;
};

}  // namespace

int main(int argc, char** argv) {
  using namespace temperature;
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  http::ServerOptions options;
  options.port = 0;
  options.threads = argc > 1 ? static_cast<std::size_t>(std::atoi(argv[1])) : 1;
  access::OpenGate gate;
  // As long as the service's own answers.
  ConstantDoor written(R"({"accepted":1,"duplicates":0,"conflicts":0,"rejected":[],"rejected_count":0,)"
                       R"("conflict_details":[],"position":1234567})");
  ConstantDoor average(R"({"building":"b1","room":"room-1","quantity":"temperature","unit":"°C",)"
                       R"("value":21.512345678901234,"count":9000,"sensors":10,"min":20.01,"max":22.99,)"
                       R"("first":"2026-01-01T00:00:00.000Z","last":"2026-01-01T00:15:00.000Z",)"
                       R"("window":"15m","start":"2026-01-01T00:00:00.000Z","end":"2026-01-01T00:15:00.000Z"})");
  http::Server server(options, gate);
  if (auto bound = server.bind(); !bound) return std::fprintf(stderr, "%s\n", bound.error().detail.c_str()), 1;
  server.serve({{http::Method::post, "/v1/readings", access::Need::write, &written},
                {http::Method::get, "/v1/average", access::Need::read, &average}});
  std::fprintf(stderr, "listening on http://127.0.0.1:%d\n", server.port());
  int signal = 0;
  sigwait(&signals, &signal);
  server.stop(std::chrono::seconds(1));
  return 0;
}
