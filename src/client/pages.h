#pragma once

#include <simdjson.h>

#include <cstddef>
#include <string>

#include "base/error.h"

namespace temperature::client {

// Where a list of the service's goes on, page after page: an end for what has none. One thread.
class Pages {
 public:
  // After a page of so many rows: false when it was the last. Error malformed_body: "next" is neither a text nor null
  // or too long, a cursor comes again, or the list has more rows, or more empty pages, than bounds.h allows.
  Result<bool> turn(simdjson::dom::object page, std::size_t rows);

  // Empty before the first page.
  [[nodiscard]] const std::string& cursor() const { return cursor_; }

 private:
  std::string cursor_;
  // One cursor of before, which moves on after 1, 2, 4, ... pages, meets itself in every circle (Brent, "An improved
  // Monte Carlo factorization algorithm", BIT 20, 1980).
  std::string kept_;
  std::size_t since_kept_ = 0;
  std::size_t kept_for_ = 1;
  std::size_t rows_ = 0;
  std::size_t empty_pages_ = 0;
};

}  // namespace temperature::client
