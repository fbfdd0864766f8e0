#include "cli/credentials.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>

#include "access/admin_key.h"
#include "access/private_key.h"
#include "access/token.h"
#include "base/clock.h"
#include "base/descriptor.h"
#include "base/json_text.h"
#include "base/time.h"
#include "cli/choices.h"
#include "cli/replay_destination.h"

namespace temperature::cli {
namespace {

struct KeygenFlags {
  std::string out = "sensor";
  std::string algorithm = "ed25519";
  bool json = false;
};

struct TokenFlags {
  std::string key;
  std::string sensor;
  std::string kid;
  std::string audience = "temperature-service";
  std::string lifetime = "1h";
};

// A public key that is there may be that of a sensor whose private key is far away: nothing is written over.
Result<void> write_new(const std::string& file, std::string_view text) {
  const Descriptor out(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  if (out.opened() && write_all(out.get(), text) && ::fsync(out.get()) == 0) return {};
  auto failed = failure(ErrorCode::startup, fmt::format("cannot write {}: {}", file, std::strerror(errno)));
  if (out.opened()) ::unlink(file.c_str());
  return failed;
}

int keygen(const KeygenFlags& flags) {
  const auto key =
      access::PrivateKey::generate(flags.algorithm == "p256" ? access::Algorithm::es256 : access::Algorithm::eddsa);
  if (!key) return refuse(key.error());
  const std::string secret_file = flags.out + ".key.pem";
  const std::string public_file = flags.out + ".pub.pem";
  if (auto written = access::write_secret(secret_file, key->pem()); !written) return refuse(written.error());
  if (auto written = write_new(public_file, key->public_key().pem()); !written) {
    ::unlink(secret_file.c_str());
    return refuse(written.error());
  }
  if (flags.json) {
    std::string line = R"({"private_key":)";
    append_json_string(line, secret_file);
    line += R"(,"public_key":)";
    append_json_string(line, public_file);
    line += R"(,"kid":)";
    append_json_string(line, key->public_key().thumbprint());
    fmt::print("{}}}\n", line);
    return 0;
  }
  fmt::print("private key  {} (for the sensor alone)\npublic key   {}\nkid          {}\n", secret_file, public_file,
             key->public_key().thumbprint());
  return 0;
}

int token(const TokenFlags& flags) {
  const auto lifetime = parse_duration(flags.lifetime);
  if (!lifetime || *lifetime <= Duration(0) || *lifetime > limits::kTokenLifetimeMax) {
    return refuse({ErrorCode::usage, fmt::format("--lifetime must be a duration of at most {}, such as 1h",
                                                 format_duration(limits::kTokenLifetimeMax))});
  }
  std::ifstream in(flags.key);
  const std::string pem{std::istreambuf_iterator<char>(in), {}};
  if (!in.is_open()) return refuse({ErrorCode::startup, fmt::format("cannot read {}", flags.key)});
  const auto key = access::PrivateKey::read(pem);
  if (!key) return refuse({ErrorCode::startup, fmt::format("cannot use {}: {}", flags.key, key.error().detail)});
  const auto made = access::make_token(*key, {.sensor = flags.sensor,
                                              .kid = flags.kid,
                                              .audience = flags.audience,
                                              .issued = SystemClock().now(),
                                              .lifetime = *lifetime});
  if (!made) return refuse(made.error());
  fmt::print("{}\n", *made);
  return 0;
}

}  // namespace

void add_keygen(CLI::App& app, std::function<int()>& chosen) {
  CLI::App* command = app.add_subcommand("keygen", "make a pair of keys for a sensor");
  const auto flags = std::make_shared<KeygenFlags>();
  command->add_option("--out", flags->out, "writes OUT.key.pem and OUT.pub.pem")
      ->type_name("OUT")
      ->capture_default_str();
  command->add_flag("--json", flags->json, "which files, as one JSON object");
  command->add_option("--algorithm", flags->algorithm, "ed25519 or p256")
      ->check(one_of({"ed25519", "p256"}))
      ->capture_default_str();
  command->callback([flags, &chosen] { chosen = [flags] { return keygen(*flags); }; });
}

void add_token(CLI::App& app, std::function<int()>& chosen) {
  CLI::App* command = app.add_subcommand("token", "sign a token with a sensor's private key");
  const auto flags = std::make_shared<TokenFlags>();
  command->add_option("--key", flags->key, "the file with the private key (PEM)")->type_name("FILE")->required();
  command->add_option("--sensor", flags->sensor, "whose it is: the sensor's id")->type_name("ID")->required();
  command->add_option("--kid", flags->kid, "the name under which the key is registered; default: its thumbprint")
      ->type_name("NAME");
  command->add_option("--audience", flags->audience, "as serve's --audience")->type_name("NAME")->capture_default_str();
  command->add_option("--lifetime", flags->lifetime, "how long it is good for; at most 24h")
      ->type_name("DURATION")
      ->capture_default_str();
  command->callback([flags, &chosen] { chosen = [flags] { return token(*flags); }; });
}

}  // namespace temperature::cli
