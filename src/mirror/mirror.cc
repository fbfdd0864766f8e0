#include "mirror/mirror.h"

#include <fmt/format.h>

#include <algorithm>
#include <new>
#include <utility>

#include "base/thread.h"
#include "mirror/expiry.h"
#include "mirror/late_hours.h"

namespace temperature::mirror {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// With which readings wait for one transaction, unless they are many.
constexpr milliseconds kBetweenBatches{500};
constexpr milliseconds kBetweenLooks{250};  // at the journal's size
constexpr milliseconds kBackOffFirst{200};
constexpr milliseconds kBackOffLast{30'000};
constexpr std::chrono::hours kBetweenExpiries{1};
// Until a server says or takes something; its own bound on a statement is shorter.
constexpr milliseconds kAnswerTimeout{120'000};

}  // namespace

std::string_view name_of(Phase phase) {
  switch (phase) {
    case Phase::starting:
      return "starting";
    case Phase::connecting:
      return "connecting";
    case Phase::copying:
      return "copying";
    case Phase::following:
      return "following";
    case Phase::waiting:
      return "waiting";
    case Phase::refused:
      return "refused";
    case Phase::stopped:
      break;
  }
  return "stopped";
}

// A connection, and what is known of the database behind it.
struct Mirror::Session {
  Session(std::unique_ptr<postgres::Connection> its_connection, SchemaReport its_report,
          const catalogue::Catalogue& catalogue, const Clock& clock, bool copies)
      : connection(std::move(its_connection)),
        report(std::move(its_report)),
        target(*connection, catalogue, {.layout = report.layout, .copies = copies}, clock) {}

  std::unique_ptr<postgres::Connection> connection;
  SchemaReport report;
  PostgresTarget target;
  bool late_hours_due = true;
};

Mirror::Mirror(MirrorOptions options, const journal::Journal& journal, pipeline::Pipeline& pipeline,
               const catalogue::Catalogue& catalogue, const history::History& history, const access::Registry& registry,
               NotTakenRows& not_taken, const Clock& clock)
    : options_(std::move(options)),
      catalogue_(catalogue),
      clock_(clock),
      follower_(options_.follower, journal, pipeline, catalogue, not_taken),
      side_tables_(registry, options_.settings),
      audit_table_(history, options_.follower.journal_id),
      jitter_(static_cast<std::minstd_rand::result_type>(steady_clock::now().time_since_epoch().count())) {
  told_.database = options_.url.shown();
}

Mirror::~Mirror() {
  stop();
}

void Mirror::prepare() {
  const std::string odd = follower_.prepare();
  if (!odd.empty()) say(fmt::format("the whole mirror is written anew, because {}", odd), true);
}

void Mirror::start(Position recovered) {
  thread_ = std::thread([this, recovered] { run(recovered); });
}

void Mirror::stop() {
  {
    const std::lock_guard lock(mutex_);
    stop_.store(true, std::memory_order_relaxed);
  }
  woken_.notify_one();
  if (!thread_.joinable()) return;
  thread_.join();
  note(Phase::stopped);
}

void Mirror::run(Position recovered) {
  name_thread("mirror");
  follower_.begin(recovered, steady_clock::now());
  milliseconds wait{0};
  while (true) {
    {
      std::unique_lock lock(mutex_);
      // In pieces, so that the journal is looked after while nothing else is to be done.
      woken_.wait_for(lock, std::min(wait, kBetweenLooks), [this] { return stopping() || !requests_.empty(); });
      if (stopping()) break;
    }
    wait = round(wait - std::min(wait, kBetweenLooks));
  }
  session_.reset();
  if (auto left = follower_.leave(); !left) say(fmt::format("{}; the next start finds out", left.error().detail), true);
}

// What is due now, and how long nothing is to be done then. `wait`: how long that was to be yet.
milliseconds Mirror::round(milliseconds wait) {
  try {
    serve_requests();
    tend();
    if (wait > milliseconds(0) && !refused_) return wait;
    return refused_ ? kBetweenLooks : work();
  } catch (const std::bad_alloc&) {  // the service goes on
    return hindered({.kind = Obstacle::Kind::here, .text = "there is not enough memory for it"});
  }
}

void Mirror::serve_requests() {
  std::vector<Request> requests;
  {
    const std::lock_guard lock(mutex_);
    requests = requests_;
  }
  if (requests.empty()) return;
  for (const Request& request : requests) {
    if (request.replace) {
      take_over_ = TakeOver::empty;
      refused_ = false;
      session_.reset();
      back_off_ = milliseconds(0);
      note(Phase::connecting);
    } else if (auto owed = follower_.owe(request.from, request.to); !owed) {
      say(fmt::format("readings are not written to the database anew: {}", owed.error().detail), true);
    }
  }
  tended_ = Time();
  tend();  // so that they are counted as owed before they do not wait any more
  const std::lock_guard lock(mutex_);
  requests_.erase(requests_.begin(), requests_.begin() + static_cast<std::ptrdiff_t>(requests.size()));
}

void Mirror::tend() {
  const Time now = steady_clock::now();
  if (now - tended_ < kBetweenLooks) return;
  tended_ = now;
  if (auto done = follower_.tend(now); !done) {
    static_cast<void>(hindered({.kind = Obstacle::Kind::here, .text = done.error().detail}));
  }
}

milliseconds Mirror::work() {
  if (session_ == nullptr) {
    note(Phase::connecting);
    auto opened = open();
    if (!opened) return hindered(opened.error());
    session_ = std::move(*opened);
  }
  const auto more = advance(*session_);
  if (!more) return hindered(more.error());
  if (!std::exchange(said_, {}).empty()) say("the database takes readings again", false);
  back_off_ = milliseconds(0);
  const std::uint64_t owed = follower_.status().owed_ranges.load(std::memory_order_relaxed);
  if (owed > 0 && !said_copying_)
    say(fmt::format("{} ranges of time of rooms are written to the database", owed), false);
  if (owed == 0 && said_copying_) say("the database has every range of time", false);
  said_copying_ = owed > 0;
  note(owed > 0 ? Phase::copying : Phase::following);
  return *more ? milliseconds(0) : kBetweenBatches;
}

Progress<std::unique_ptr<Mirror::Session>> Mirror::open() {
  auto connection =
      postgres::Connection::open(options_.url, {.answer_timeout = kAnswerTimeout, .stop = &stop_, .purpose = "mirror"});
  if (!connection) return obstacle(std::move(connection.error()));
  auto report =
      migrate(**connection,
              {.program = options_.program, .view_schema = options_.view_schema, .retention = options_.retention});
  if (!report) return obstacle(std::move(report.error()));
  for (const std::string& line : report->done) say(fmt::format("in the database: {}", line), false);
  auto session =
      std::make_unique<Session>(std::move(*connection), std::move(*report), catalogue_, clock_, options_.copies);
  if (auto attached = follower_.attach(session->target, take_over_); !attached) {
    return std::unexpected(std::move(attached.error()));
  }
  take_over_ = TakeOver::no;
  side_tables_.forget();
  audit_table_.forget();
  bool is_another = false;
  {
    const std::lock_guard lock(mutex_);
    is_another = std::exchange(told_.server, session->report.server) != session->report.server;
  }
  if (is_another) {
    say(fmt::format("readings go to {}: {}", options_.url.shown(), session->report.server), false);
    for (const std::string& line : session->report.notes) say(line, false);
  }
  return session;
}

Progress<bool> Mirror::advance(Session& session) {
  auto more = follower_.step(session.target);
  if (!more) return more;
  if (side_tables_.due()) {
    auto brought = side_tables_.bring_up(*session.connection, *follower_.fence());
    if (!brought) return obstacle(std::move(brought.error()));
    if (!*brought) return std::unexpected(written_by_another());
  }
  if (audit_table_.due()) {
    auto brought = audit_table_.bring_up(*session.connection, *follower_.fence());
    if (!brought) return obstacle(std::move(brought.error()));
    if (!*brought) return std::unexpected(written_by_another());
  }
  session.late_hours_due = session.late_hours_due || session.target.take_late();
  if (session.late_hours_due && !*more) {
    auto late = refresh_late_hours(*session.connection, session.report.layout);
    if (!late) return obstacle(std::move(late.error()));
    session.late_hours_due = *late;
  }
  const Time now = steady_clock::now();
  if (expired_ == Time() || now - expired_ >= kBetweenExpiries) {
    auto expired = drop_expired(*session.connection, session.report.layout, options_.retention, clock_.now());
    if (!expired) return obstacle(std::move(expired.error()));
    if (!expired->more) expired_ = now;
  }
  return *more || session.late_hours_due;
}

// Tells it, once for each reason, and says how long to wait.
milliseconds Mirror::hindered(const Obstacle& obstacle) {
  if (obstacle.stopped) return milliseconds(0);
  session_.reset();
  refused_ = obstacle.kind == Obstacle::Kind::refused;
  note(refused_ ? Phase::refused : Phase::waiting, &obstacle);
  if (obstacle.text != said_) {
    said_ = obstacle.text;
    say(refused_
            ? fmt::format("nothing is written to the database any more: {}", obstacle.text)
            : fmt::format("the database gets no readings; they stay here, and it is tried again: {}", obstacle.text),
        true);
  }
  back_off_ = std::clamp(2 * back_off_, kBackOffFirst, kBackOffLast);
  return milliseconds(back_off_.count() / 2 + static_cast<std::int64_t>(jitter_() % (back_off_.count() / 2 + 1)));
}

void Mirror::say(const std::string& what, bool grave) const {
  if (options_.log) options_.log(what, grave);
}

void Mirror::note(Phase phase, const Obstacle* obstacle) {
  const std::lock_guard lock(mutex_);
  told_.phase = phase;
  if (phase != Phase::connecting && phase != Phase::stopped) {
    told_.error = obstacle == nullptr ? std::string() : obstacle->text;
    told_.sqlstate = obstacle == nullptr ? std::string() : obstacle->sqlstate;
  }
  if (obstacle == nullptr) return;
  ++told_.failures;
  told_.last_error = obstacle->text;
}

MirrorStatus Mirror::status() const {
  MirrorStatus status;
  {
    const std::lock_guard lock(mutex_);
    status = told_;
    status.owed_ranges = requests_.size();
  }
  const Follower::Status& now = follower_.status();
  status.position = Position(now.position.load(std::memory_order_relaxed));
  status.lag_seconds = static_cast<double>(now.lag_ms.load(std::memory_order_relaxed)) / 1e3;
  status.lag_readings = now.behind_readings.load(std::memory_order_relaxed);
  status.lag_bytes = now.behind_bytes.load(std::memory_order_relaxed);
  status.owed_ranges += now.owed_ranges.load(std::memory_order_relaxed);
  status.rows = now.rows.load(std::memory_order_relaxed);
  status.owed_rows = now.owed_rows.load(std::memory_order_relaxed);
  status.batches = now.batches.load(std::memory_order_relaxed);
  status.journal_bytes = now.journal_bytes.load(std::memory_order_relaxed);
  return status;
}

Result<void> Mirror::resync(Timestamp from, Timestamp to) {
  const std::lock_guard lock(mutex_);
  if (requests_.size() >= limits::kMirrorRequestsMax) {
    return failure(ErrorCode::overloaded, "too many ranges of time already wait to be written to the database anew");
  }
  requests_.push_back({.replace = false, .from = from, .to = to});
  woken_.notify_one();
  return {};
}

Result<void> Mirror::replace() {
  const std::lock_guard lock(mutex_);
  if (requests_.size() >= limits::kMirrorRequestsMax) {
    return failure(ErrorCode::overloaded, "too many changes of the mirror wait already");
  }
  requests_.push_back({.replace = true});
  told_.phase = Phase::connecting;
  woken_.notify_one();
  return {};
}

}  // namespace temperature::mirror
