#include "http/aside.h"

#include <gtest/gtest.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <new>
#include <semaphore>
#include <set>
#include <string>
#include <thread>

#include "access/open_gate.h"
#include "base/thread.h"
#include "http/message.h"
#include "http/server.h"

namespace temperature::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr std::chrono::seconds kPatience{20};

// Keeps a large request until a small one has come, and says which thread it was asked on.
class PatientDoor final : public Door {
 public:
  void handle(Exchange& exchange) override {
    exchange.response.body = std::to_string(exchange.thread);
    if (exchange.request.body.size() <= 1) {
      small_.release();
    } else if (!small_.try_acquire_for(kPatience)) {
      exchange.response.body = "no small request came meanwhile";
    }
    exchange.finish();
  }

 private:
  std::counting_semaphore<> small_{0};
};

// Has every exchange finished by a thread of its own, and says on which one it was worded.
class ElsewhereDoor final : public Door {
 public:
  ~ElsewhereDoor() override {
    for (std::thread& thread : threads_) thread.join();
  }
  // Its first byte says how a request is worded: 'b' goes through the body again, 'm' finds no memory.
  void handle(Exchange& exchange) override {
    const char how = exchange.request.body.front();
    exchange.wording = std::make_unique<Words>(*this, how);
    const std::lock_guard lock(mutex_);
    threads_.emplace_back([&exchange] {
      name_thread("elsewhere");
      exchange.finish();
    });
  }
  std::counting_semaphore<> worded{0};

 private:
  class Words final : public Wording {
   public:
    Words(ElsewhereDoor& door, char how) : door_(door), how_(how) {}
    void word(Exchange& exchange) override {
      std::array<char, 16> name{};
      pthread_getname_np(pthread_self(), name.data(), name.size());
      exchange.response.body = name.data();
      exchange.response.status = 201;
      door_.worded.release();
      if (how_ == 'm') throw std::bad_alloc();
    }
    [[nodiscard]] bool reads_body() const override { return how_ == 'b'; }

   private:
    ElsewhereDoor& door_;
    const char how_;
  };

  std::mutex mutex_;
  std::deque<std::thread> threads_;  // guarded by mutex_
};

class Client {
 public:
  explicit Client(std::uint16_t port) : socket_(context_) {
    socket_.connect({asio::ip::make_address("127.0.0.1"), port});
  }
  void post(std::size_t bytes, const std::string& headers = {}) { post_to("/here", std::string(bytes, 'x'), headers); }
  void post_to(const std::string& path, const std::string& body, const std::string& headers = {}) {
    const std::string request = "POST " + path + " HTTP/1.1\r\nHost: h\r\n" + headers +
                                "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    asio::write(socket_, asio::buffer(request));
  }
  // The answer that ends the connection or fits one packet: its status and what follows its head.
  std::pair<int, std::string> answer() {
    std::string text;
    while (!text.contains("\r\n\r\n")) read_some(text);
    const auto end_of_head = text.find("\r\n\r\n") + 4;
    const std::string length_name = "Content-Length: ";
    const auto length = std::stoul(text.substr(text.find(length_name) + length_name.size()));
    while (text.size() < end_of_head + length) read_some(text);
    return {std::stoi(text.substr(9)), text.substr(end_of_head)};
  }

 private:
  void read_some(std::string& text) {
    std::array<char, 4096> piece{};
    text.append(piece.data(), socket_.read_some(asio::buffer(piece)));
  }

  asio::io_context context_;
  tcp::socket socket_;
};

class AsideTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(server_.bind());
    server_.serve({{Method::post, "/here", access::Need::write, &door_},
                   {Method::post, "/elsewhere", access::Need::write, &elsewhere_}});
  }
  void TearDown() override { server_.stop(kPatience); }

  static ServerOptions options() {
    ServerOptions options;
    options.port = 0;
    options.threads = 1;
    options.large_threads = 2;
    return options;
  }

  PatientDoor door_;
  ElsewhereDoor elsewhere_;
  access::OpenGate gate_;
  Server server_{options(), gate_};
};

TEST_F(AsideTest, a_large_request_keeps_no_small_one_waiting) {
  Client large(server_.port());
  Client small(server_.port());
  large.post(64'000);
  small.post(1);
  EXPECT_EQ(small.answer(), (std::pair<int, std::string>(200, "0"))) << "on the connection's own thread";
  const auto [status, thread] = large.answer();
  EXPECT_EQ(status, 200);
  EXPECT_TRUE((std::set<std::string>{"1", "2"}.contains(thread))) << thread;
  small.post(1);  // the next one is where it was
  EXPECT_EQ(small.answer().second, "0");
}

TEST_F(AsideTest, more_large_requests_than_threads_are_handled_one_after_the_other) {
  std::deque<Client> clients;
  for (int i = 0; i < 10; ++i) clients.emplace_back(server_.port()).post(64'000);
  Client small(server_.port());
  for (int i = 0; i < 10; ++i) {
    small.post(1);
    EXPECT_EQ(small.answer().second, "0");
  }
  for (Client& client : clients) EXPECT_EQ(client.answer().first, 200);
}

TEST_F(AsideTest, a_body_that_cannot_be_inflated_is_refused_in_its_place) {
  Client client(server_.port());
  client.post(64'000, "Content-Encoding: gzip\r\n");
  EXPECT_EQ(client.answer().first, 400);
  client.post(1);  // the connection goes on
  EXPECT_EQ(client.answer().second, "0");
}

TEST_F(AsideTest, a_large_request_is_answered_before_the_server_stops) {
  Client large(server_.port());
  Client small(server_.port());
  large.post(64'000);
  small.post(1);
  EXPECT_EQ(small.answer().first, 200);
  server_.stop(kPatience);
  EXPECT_EQ(large.answer().first, 200);
}

// Who finishes it has other work: the journal's thread, for one.
TEST_F(AsideTest, an_answer_is_worded_on_the_connections_thread_and_not_on_the_one_that_finishes_it) {
  using Answer = std::pair<int, std::string>;
  Client client(server_.port());
  client.post_to("/elsewhere", "x");
  EXPECT_EQ(client.answer(), Answer(201, "http"));
  client.post_to("/elsewhere", "b");
  EXPECT_EQ(client.answer(), Answer(201, "http")) << "a small body is gone through at once";
  client.post_to("/elsewhere", std::string(64'000, 'x'));
  EXPECT_EQ(client.answer(), Answer(201, "http"));
  client.post_to("/elsewhere", std::string(64'000, 'b'));
  EXPECT_EQ(client.answer(), Answer(201, "http-large")) << "a large one keeps no other connection waiting";
}

TEST_F(AsideTest, an_answer_for_whose_words_there_is_no_memory_is_refused_in_its_place) {
  Client client(server_.port());
  client.post_to("/elsewhere", "m");
  const auto [status, body] = client.answer();
  EXPECT_EQ(status, 503);
  EXPECT_NE(body.find("overloaded"), std::string::npos) << body;
  client.post_to("/elsewhere", "x");  // the connection goes on
  EXPECT_EQ(client.answer().first, 201);
}

// What was refused is noted there.
TEST_F(AsideTest, an_answer_is_worded_although_its_client_is_gone) {
  for (const std::size_t bytes : {1, 64'000}) {
    {
      Client client(server_.port());
      client.post_to("/elsewhere", std::string(bytes, 'b'));
    }
    EXPECT_TRUE(elsewhere_.worded.try_acquire_for(kPatience));
  }
}

}  // namespace
}  // namespace temperature::http
