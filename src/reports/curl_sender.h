#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/error.h"
#include "base/sizes.h"
#include "reports/dsn.h"
#include "reports/envelope_sender.h"

namespace temperature::limits {

// Seconds in which a connection for an error report must be made.
inline constexpr std::chrono::seconds kReportConnectTimeout{5};
// Seconds that sending an error report may take in all.
inline constexpr std::chrono::seconds kReportTimeout{15};
// Bytes of the answer to an error report, and of its headers; with more it counts as failed.
inline constexpr std::size_t kReportAnswerBytesMax = 64 * kKiB;

}  // namespace temperature::limits

namespace temperature::reports {

// By HTTP, with libcurl: follows no redirection, checks the certificate of https by the system's authorities, and goes
// through the proxy that the environment names (https_proxy, no_proxy), but for this machine.
class CurlSender final : public EnvelopeSender {
 public:
  // Error startup: libcurl does not work. From the process's first thread, before there are others.
  static Result<std::unique_ptr<CurlSender>> create(const Dsn& dsn, const std::string& version);
  ~CurlSender() override;
  CurlSender(const CurlSender&) = delete;
  CurlSender& operator=(const CurlSender&) = delete;

  SendAnswer send(const std::string& envelope) override;
  void give_up_at(std::chrono::steady_clock::time_point moment) override;

 private:
  struct Handles;  // libcurl's

  explicit CurlSender(std::unique_ptr<Handles> handles);

  const std::unique_ptr<Handles> handles_;
  std::atomic<std::chrono::steady_clock::time_point> give_up_at_;
};

}  // namespace temperature::reports
