#pragma once

#include <string>
#include <vector>

#include "client/http_client.h"
#include "client/run.h"

// What people ask about rooms: the commands `rooms`, `average` and `history`.
namespace temperature::client {

struct Question {
  HttpTarget target;
  bool for_a_person = false;  // tables and sentences; else JSON, what the service answered
  // What the service is asked, as it takes it; empty: its default.
  std::string building;
  std::string quantity;
};

// Each returns the exit code: 1 when there is no answer (a room that is unknown, no service), 2 when the service
// refuses what the flags say (parameter_invalid). A room without readings in the window is an answer.

// JSON: a room a line. `quantity`: only rooms that have it.
int ask_rooms(const Question& question, const Surroundings& surroundings);

struct AverageQuestion : Question {
  std::string room;
  std::string sensor;
  std::string window;
  std::string at;
};

// JSON: one object.
int ask_average(const AverageQuestion& question, const Surroundings& surroundings);

struct HistoryQuestion : Question {
  std::vector<std::string> rooms;  // one at least
  std::string sensor;
  std::string step;
  std::string from;
  std::string to;
};

// JSON: a bucket a line.
int ask_history(const HistoryQuestion& question, const Surroundings& surroundings);

}  // namespace temperature::client
