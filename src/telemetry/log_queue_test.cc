#include "telemetry/log_queue.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <climits>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/descriptor.h"
#include "testing/read_file.h"
#include "testing/temporary_folder.h"

namespace temperature::telemetry {
namespace {

// A pipe whose reader is the test.
class Pipe {
 public:
  Pipe() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    reader_ = std::make_unique<Descriptor>(ends[0]);
    writer_ = std::make_unique<Descriptor>(ends[1]);
  }
  [[nodiscard]] int writer() const { return writer_->get(); }
  void close_reader() { reader_.reset(); }

  // So that there is no room for a single byte. Returns how many it took.
  std::size_t fill() const {
    const std::string page(PIPE_BUF, 'x');
    pollfd room{writer(), POLLOUT, 0};
    std::size_t bytes = 0;
    while (::poll(&room, 1, 0) == 1) {
      EXPECT_EQ(::write(writer(), page.data(), page.size()), PIPE_BUF);
      bytes += page.size();
    }
    return bytes;
  }
  // So many bytes, however long they take to come.
  [[nodiscard]] std::string read(std::size_t bytes) const {
    std::string all(bytes, '\0');
    std::size_t got = 0;
    while (got < bytes) {
      const ssize_t count = ::read(reader_->get(), all.data() + got, bytes - got);
      if (count <= 0) break;
      got += static_cast<std::size_t>(count);
    }
    all.resize(got);
    return all;
  }
  // A line and what lies before it.
  [[nodiscard]] std::string read_up_to(const std::string& end) const {
    std::string all;
    while (!all.ends_with(end)) {
      const std::string next = read(1);
      if (next.empty()) break;
      all += next;
    }
    return all;
  }

 private:
  std::unique_ptr<Descriptor> reader_;
  std::unique_ptr<Descriptor> writer_;
};

LogQueueOptions to(int descriptor, std::size_t lines_max = 100, std::size_t bytes_max = 100'000) {
  return {.descriptor = descriptor, .lines_max = lines_max, .bytes_max = bytes_max, .say_dropped = [](auto dropped) {
            return "dropped " + std::to_string(dropped) + "\n";
          }};
}

std::string numbered(int number) {
  return "line " + std::to_string(number) + "\n";
}

TEST(LogQueue, writes_lines_in_their_order) {
  const Pipe pipe;
  LogQueue queue(to(pipe.writer(), 10'000));
  std::string expected;
  for (int i = 0; i < 3'000; ++i) expected += numbered(i);
  auto all = std::async(std::launch::async, [&] { return pipe.read(expected.size()); });
  for (int i = 0; i < 3'000; ++i) queue.add(numbered(i));
  EXPECT_EQ(all.get(), expected);
  EXPECT_TRUE(queue.flush(std::chrono::seconds(60)));
  EXPECT_EQ(queue.dropped(), 0U);
}

TEST(LogQueue, writes_a_line_that_is_longer_than_a_piece) {
  const Pipe pipe;
  LogQueue queue(to(pipe.writer()));
  const std::string expected = "before\n" + std::string(3 * PIPE_BUF, 'a') + "\nbehind\n";
  queue.add("before\n");
  queue.add(std::string(3 * PIPE_BUF, 'a') + "\n");
  queue.add("behind\n");
  EXPECT_EQ(pipe.read(expected.size()), expected);
}

// add() returns though nobody reads; what came first stays, and one line tells of the rest.
TEST(LogQueue, drops_what_does_not_fit_and_says_how_many) {
  const Pipe pipe;
  const std::size_t before = pipe.fill();
  LogQueue queue(to(pipe.writer(), 10));
  for (int i = 0; i < 25; ++i) queue.add(numbered(i));
  EXPECT_EQ(queue.dropped(), 15U);
  std::string expected;
  for (int i = 0; i < 10; ++i) expected += numbered(i);
  EXPECT_EQ(pipe.read(before), std::string(before, 'x'));
  EXPECT_EQ(pipe.read_up_to("dropped 15\n"), expected + "dropped 15\n");
  queue.add(numbered(99));
  EXPECT_EQ(pipe.read_up_to("99\n"), numbered(99)) << "it is said once";
}

TEST(LogQueue, has_a_bound_in_bytes) {
  const Pipe pipe;
  const std::size_t before = pipe.fill();
  LogQueue queue(to(pipe.writer(), 100, 1'000));
  const std::string line = std::string(299, 'a') + "\n";
  for (int i = 0; i < 5; ++i) queue.add(line);
  EXPECT_EQ(queue.dropped(), 2U);
  queue.add(std::string(99, 'b') + "\n");  // it still fits, and stands behind what tells of those before it
  EXPECT_EQ(queue.dropped(), 2U);
  EXPECT_EQ(pipe.read(before).size(), before);
  EXPECT_EQ(pipe.read_up_to("b\n"), line + line + line + "dropped 2\n" + std::string(99, 'b') + "\n");
}

// A descriptor of others must not become non-blocking.
TEST(LogQueue, leaves_the_descriptor_as_it_is) {
  const Pipe pipe;
  const int flags = ::fcntl(pipe.writer(), F_GETFL);
  {
    LogQueue queue(to(pipe.writer()));
    queue.add("line\n");
    EXPECT_TRUE(queue.flush(std::chrono::seconds(60)));
    EXPECT_EQ(::fcntl(pipe.writer(), F_GETFL), flags);
  }
  EXPECT_EQ(::fcntl(pipe.writer(), F_GETFL), flags);
}

TEST(LogQueue, waits_for_a_descriptor_that_is_not_blocking) {
  const Pipe pipe;
  ASSERT_EQ(::fcntl(pipe.writer(), F_SETFL, O_NONBLOCK), 0);
  const std::size_t before = pipe.fill();
  LogQueue queue(to(pipe.writer()));
  queue.add("line\n");
  EXPECT_FALSE(queue.flush(std::chrono::milliseconds(10)));
  EXPECT_EQ(pipe.read(before + 5).substr(before), "line\n");
  EXPECT_EQ(queue.dropped(), 0U);
}

// Otherwise the test would not end: there is no bound on the pipe.
TEST(LogQueue, ends_though_nobody_reads) {
  const Pipe pipe;
  pipe.fill();
  LogQueue queue(to(pipe.writer()));
  queue.add("line\n");
  EXPECT_FALSE(queue.flush(std::chrono::milliseconds(1)));
}

TEST(LogQueue, counts_what_a_reader_who_is_gone_does_not_get) {
  Pipe pipe;
  pipe.close_reader();
  LogQueue queue(to(pipe.writer()));
  for (int i = 0; i < 5; ++i) queue.add(numbered(i));
  EXPECT_TRUE(queue.flush(std::chrono::seconds(60)));
  EXPECT_EQ(queue.dropped(), 5U);
}

TEST(LogQueue, counts_what_a_closed_descriptor_does_not_get) {
  constexpr int kClosed = 1'000'000;
  LogQueue queue(to(kClosed));
  queue.add("line\n");
  EXPECT_TRUE(queue.flush(std::chrono::seconds(60)));
  EXPECT_EQ(queue.dropped(), 1U);
}

TEST(LogQueue, goes_on_when_a_full_disk_has_room_again) {
  const Descriptor full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  ASSERT_TRUE(full.opened());
  const Descriptor written_to(::dup(full.get()));
  const testing::TemporaryFolder folder;
  const auto file = folder.path() / "log";
  LogQueue queue(to(written_to.get()));
  for (int i = 0; i < 3; ++i) queue.add(numbered(i));
  EXPECT_TRUE(queue.flush(std::chrono::seconds(60)));
  EXPECT_EQ(queue.dropped(), 3U);
  {
    const Descriptor has_room(::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    ASSERT_EQ(::dup2(has_room.get(), written_to.get()), written_to.get());
  }
  queue.add(numbered(3));
  EXPECT_TRUE(queue.flush(std::chrono::seconds(60)));
  EXPECT_EQ(testing::read_file(file), "dropped 3\n" + numbered(3));
  EXPECT_EQ(queue.dropped(), 3U);
}

// What is written later begins on a line of its own, and the line of which a part is there counts.
TEST(LogQueue, ends_a_line_that_was_written_in_part) {
  const testing::TemporaryFolder folder;
  const auto file = folder.path() / "log";
  const Descriptor out(::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  LogQueue queue(to(out.get()));
  const rlimit ten{10, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &ten), 0);
  queue.add("first\nsecond\n");
  EXPECT_TRUE(queue.flush(std::chrono::seconds(60)));
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_EQ(testing::read_file(file), "first\nseco");
  EXPECT_EQ(queue.dropped(), 1U);
  queue.add("third\n");
  EXPECT_TRUE(queue.flush(std::chrono::seconds(60)));
  EXPECT_EQ(testing::read_file(file), "first\nseco\ndropped 1\nthird\n");
}

TEST(LogQueue, takes_lines_of_several_threads) {
  const Pipe pipe;
  LogQueue queue(to(pipe.writer(), 20, 1'000));
  std::vector<std::thread> threads;
  auto reader = std::async(std::launch::async, [&] { return pipe.read_up_to("end\n"); });
  threads.reserve(4);
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&queue, thread] {
      for (int i = 0; i < 500; ++i) queue.add(std::to_string(thread) + " " + numbered(i));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(queue.flush(std::chrono::seconds(60)));
  queue.add("end\n");
  const std::string got = reader.get();
  std::uint64_t lines = 0;
  std::uint64_t told = 0;
  for (std::size_t at = 0; at < got.size(); at = got.find('\n', at) + 1) {
    const std::string line = got.substr(at, got.find('\n', at) - at);
    if (line.starts_with("dropped ")) {
      told += std::stoull(line.substr(8));
    } else if (line != "end") {
      EXPECT_TRUE(line.contains(" line ")) << line;
      ++lines;
    }
  }
  EXPECT_EQ(lines + told, 2'000U);
  EXPECT_EQ(queue.dropped(), told);
}

}  // namespace
}  // namespace temperature::telemetry
