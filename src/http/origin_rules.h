#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "http/message.h"

// Browsers send requests for any page that they show, and with them what they keep for the address: a password, or the
// trust in who is on this machine. They say where the page is from, in Origin (RFC 6454) and Sec-Fetch-Site (W3C, Fetch
// Metadata Request Headers), and no page can change that.
namespace temperature::http {

// Which hosts and origins are the service's own.
struct OriginRules {
  // Nobody is asked for a credential (--dev): the host has to be this machine, so that no name of somebody else leads
  // here (DNS rebinding), and no page of another origin gets anything.
  bool local = false;
  // Further names of the service (--host), each one that read_authority() reads. One without a port is the service at
  // any port in Host, and in Origin at the port of its scheme.
  std::vector<std::string> hosts;
  // Pages of these origins may ask, too, and read the answers (--cors-origin), each one that read_origin() reads.
  std::vector<std::string> pages = {};
  // Pages of any origin may, with a credential that the page itself sends. Not with `local`.
  bool any_page = false;
};

// Whether pages of others may read answers at all.
inline bool shares_answers(const OriginRules& rules) {
  return rules.any_page || !rules.pages.empty();
}

// Adds what a browser asks for before it shows an answer to a page of another origin that may have it, or sends what
// is more than a form (Fetch, "CORS protocol"): then the methods are those that `response` has in Allow. Never
// Access-Control-Allow-Credentials: what browsers add by themselves counts for nothing from elsewhere.
void add_cors_headers(const Request& request, const OriginRules& rules, Response& response);

// Whether a page that is not the service's own had a browser send the request: one of another origin (scheme, host and
// port), of none ("null"), or of another site. `encrypted`: it came over TLS.
bool is_from_foreign_page(const Request& request, const OriginRules& rules, bool encrypted);

// Whether the request may go on, as far as that is a question of where it is from. `route`: nullptr when there is none.
// Errors:
// - forbidden_host, when `rules.local`: the host is not this machine, nor one of `rules.hosts`. HTTP/1.0 may name none.
// - forbidden_origin: it is from a foreign page, and `rules.local`, or its credential is one that browsers add by
//   themselves (Basic). A link to the documentation may be followed from anywhere.
// - unsupported_media_type, when `rules.local` and a page sent it: its body is to be JSON (Route::content), and
//   Content-Type is one that pages may send to anybody.
Result<void> check_origin(const Request& request, const OriginRules& rules, const Route* route, bool encrypted);

}  // namespace temperature::http
