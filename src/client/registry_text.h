#pragma once

#include <simdjson.h>

#include <string>

#include "client/table.h"

// Sensors and keys as the service shows them to an administrator, for a person to read. A member that is missing or of
// another type is shown as one that has nothing in it. All of it is safe for a terminal.
namespace temperature::client {

Table keys_table();
void add_key(Table& table, simdjson::dom::element key);

Table sensors_table();
void add_sensor(Table& table, simdjson::dom::element sensor);

// Some lines about a key that was made just now: the only time that the key itself is told.
std::string made_key_text(simdjson::dom::object key);

// One line about a sensor as it is registered now: what it may write and how its keys are named. `done`: "registered".
std::string registration_text(std::string_view done, simdjson::dom::object sensor);

}  // namespace temperature::client
