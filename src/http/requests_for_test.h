#pragma once

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// Well-formed requests made from any bytes, with what they are: an oracle that reads nothing.
namespace temperature::http {

struct MadeRequest {
  std::string method;
  std::string path;  // decoded
  std::string body;
  bool refused = false;  // its credential is refused
  bool http_1_0 = false;
};

struct MadeRequests {
  std::string bytes;              // as they are sent
  std::vector<MadeRequest> read;  // those that a server has to read: none behind one that ends the connection
  bool ended = false;             // by the last of them
};

class RequestMaker {
 public:
  explicit RequestMaker(std::string_view choices) : choices_(choices) {}

  MadeRequests make() {
    constexpr std::size_t kRequestsMax = 8;
    for (std::size_t i = 0; i < kRequestsMax && !choices_.empty(); ++i) add_request();
    return std::move(made_);
  }

 private:
  static constexpr std::array<std::string_view, 6> kMethods{"GET", "POST", "PUT", "DELETE", "HEAD", "POST"};
  static constexpr std::array<std::array<std::string_view, 2>, 8> kPaths{{{"/", "/"},
                                                                          {"/a", "/a"},
                                                                          {"/a%20b+c?q=GET%20/", "/a b+c"},
                                                                          {"http://h/a?b", "/a"},
                                                                          {"/pieces", "/pieces"},
                                                                          {"/later", "/later"},
                                                                          {"/later/pieces", "/later/pieces"},
                                                                          {"/%0d%0aA:b", "/\r\nA:b"}}};
  // Fields that change nothing; what looks like a request, or like an end, is none.
  static constexpr std::array<std::string_view, 8> kFields{
      "",
      "Connection: keep-alive\r\n",
      "Expect: 100-continue\r\n",
      "X-Note: GET /smuggled HTTP/1.1\r\n",
      "X-Length: Content-Length: 60\r\nx-coding:chunked\r\n",
      "Upgrade: websocket\r\nConnection: upgrade\r\n",
      "Empty:\r\nTab:\t\xC3\xBC \t\r\nTrailer: A\r\nTE: trailers\r\n",
      "Content-Type: text/plain\r\nConnection: keep-alive, x\r\n"};
  static constexpr std::array<std::string_view, 6> kBodies{"GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n",
                                                           "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n",
                                                           "\r\n\r\n",
                                                           "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
                                                           "5\r\nchunk\r\n",
                                                           "\n"};
  static constexpr std::array<std::string_view, 5> kExtensions{"", ";a", ";a=\"b;c\"", " ", "\t;x=0"};
  static constexpr std::array<std::string_view, 3> kTrailers{"", "A: b\r\n", "A:\r\nX-Note: GET / HTTP/1.1\r\n"};

  std::size_t choose(std::size_t count) {
    if (choices_.empty()) return 0;
    const auto chosen = static_cast<unsigned char>(choices_.front());
    choices_.remove_prefix(1);
    return chosen % count;
  }

  std::string make_body() {
    constexpr std::array<std::size_t, 4> kRepeats{1, 3, 120, 700};  // the last one is handled aside
    std::string body;
    if (choose(2) == 0) {
      body = choices_.substr(0, choose(48));
      choices_.remove_prefix(body.size());
      return body;
    }
    const std::string_view text = kBodies[choose(kBodies.size())];
    for (std::size_t count = kRepeats[choose(kRepeats.size())]; count > 0; --count) body += text;
    return body;
  }

  void add_chunks(std::string_view body) {
    const std::size_t size = 1 + choose(250) * (body.size() / 250 + 1);
    // All extensions of a body have a bound.
    constexpr std::size_t kExtendedMax = 1'000;
    const std::size_t its_extension = choose(kExtensions.size());
    const std::string_view extension = kExtensions[body.size() / size < kExtendedMax ? its_extension : 0];
    for (; !body.empty(); body.remove_prefix(std::min(size, body.size()))) {
      const std::string_view chunk = body.substr(0, size);
      made_.bytes += fmt::format("{:X}{}\r\n", chunk.size(), extension);
      made_.bytes += chunk;
      made_.bytes += "\r\n";
    }
    made_.bytes += fmt::format("00{}\r\n{}\r\n", extension, kTrailers[choose(kTrailers.size())]);
  }

  void add_request() {
    enum Framing : std::uint8_t { none, length, chunked, kFramings };
    MadeRequest request;
    for (std::size_t lines = choose(4); lines > 1; --lines) made_.bytes += "\r\n";
    const auto& path = kPaths[choose(kPaths.size())];
    const std::string_view fields = kFields[choose(kFields.size())];
    const auto framing = static_cast<Framing>(choose(kFramings));
    const std::size_t kind = choose(16);
    request.method = kMethods[choose(kMethods.size())];
    request.path = path[1];
    if (framing != none) request.body = make_body();
    request.http_1_0 = kind == 1 && framing != chunked;
    // What is sent in pieces ends with the connection in HTTP/1.0.
    const bool kept_1_0 = fields.contains("keep-alive") && !request.path.ends_with("/pieces");
    bool ends = kind == 2 || (request.http_1_0 && !kept_1_0);
    request.refused = kind == 3;
    // What is refused is answered before its body comes, if it is large or the sender waits for that.
    if (request.refused && (framing == chunked || (fields.starts_with("Expect") && !request.http_1_0))) ends = true;
    made_.bytes +=
        fmt::format("{} {} HTTP/1.{}\r\nHost: h\r\n{}", request.method, path[0], request.http_1_0 ? 0 : 1, fields);
    if (kind == 2) made_.bytes += "Connection: close\r\n";
    if (request.refused) made_.bytes += "Authorization: nobody\r\n";
    if (framing == length) made_.bytes += fmt::format("content-LENGTH: {}\r\n", request.body.size());
    if (framing == chunked) made_.bytes += "Transfer-encoding: Chunked\r\n";
    made_.bytes += "\r\n";
    if (framing == length) made_.bytes += request.body;
    if (framing == chunked) add_chunks(request.body);
    if (!made_.ended) made_.read.push_back(std::move(request));
    made_.ended = made_.ended || ends;
  }

  std::string_view choices_;
  MadeRequests made_;
};

}  // namespace temperature::http
