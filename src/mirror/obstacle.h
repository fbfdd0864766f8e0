#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <utility>

#include "postgres/failure.h"

namespace temperature::mirror {

// Why the mirror does not get on.
struct Obstacle {
  enum class Kind : std::uint8_t {
    database,  // the database did not do it: to be tried again
    here,      // this service could not: to be tried again
    refused,   // it must not be done: another one's database, or one that is ahead; nothing changes by trying again
  };
  Kind kind = Kind::database;
  std::string text;           // one line for people
  std::string sqlstate = {};  // of a database that said why
  bool stopped = false;       // it was told to stop
};

template <class T>
using Progress = std::expected<T, Obstacle>;

inline std::unexpected<Obstacle> obstacle(postgres::Failure failure) {
  return std::unexpected(Obstacle{.kind = Obstacle::Kind::database,
                                  .text = std::move(failure.text),
                                  .sqlstate = std::move(failure.sqlstate),
                                  .stopped = failure.stopped});
}

inline Obstacle written_by_another() {
  return {.kind = Obstacle::Kind::refused, .text = "another service writes to this database"};
}

}  // namespace temperature::mirror
