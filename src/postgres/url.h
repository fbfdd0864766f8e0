#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.h"

namespace temperature::limits {

// Bytes of a database's URL; a longer one is refused.
inline constexpr std::size_t kDatabaseUrlBytesMax = 4'096;

}  // namespace temperature::limits

namespace temperature::postgres {

// Where a database is and as whom it is spoken to: postgresql:// or postgres://, as libpq reads it, with every
// parameter that it knows (postgresql.org/docs/15/libpq-connect.html, "Connection URIs"). A value; thread-safe.
class Url {
 public:
  // Error usage: what is wrong. The text shows nothing of the URL but a parameter's name, for that may be copied from a
  // log. Blanks and ends of lines around it, as files have them, are passed over.
  static Result<Url> parse(std::string_view text);

  // The same without secrets, to be shown: "postgresql://ada:***@db.example:5432/heat?sslmode=require".
  [[nodiscard]] const std::string& shown() const { return shown_; }
  // With the secrets: for libpq alone.
  [[nodiscard]] const std::string& text() const { return text_; }

  // The hosts, their ports and their addresses as comma-separated lists; empty: libpq's own.
  [[nodiscard]] const std::string& hosts() const { return hosts_; }
  [[nodiscard]] const std::string& ports() const { return ports_; }
  [[nodiscard]] const std::string& addresses() const { return addresses_; }

  bool operator==(const Url& other) const { return text_ == other.text_; }

 private:
  Url() = default;

  std::string text_;
  std::string shown_;
  std::string hosts_;
  std::string ports_;
  std::string addresses_;
};

}  // namespace temperature::postgres
