#include <gtest/gtest.h>

#include "access/credentials_for_test.h"
#include "access/memory_registry.h"
#include "access/registry_codec.h"
#include "access/rocks_registry.h"
#include "testing/temporary_folder.h"

// What every registry owes to the gate that asks it and to those who change it.
namespace temperature::access {
namespace {

// A registry that can be put away and opened again.
struct MemoryShelf {
  std::unique_ptr<Registry> open() { return kept ? std::move(kept) : std::make_unique<MemoryRegistry>(); }
  void put_back(std::unique_ptr<Registry> registry) { kept = std::move(registry); }
  std::unique_ptr<Registry> kept;
};
struct RocksShelf {
  [[nodiscard]] std::unique_ptr<Registry> open() const {
    auto opened = RocksRegistry::open(folder.path() / "registry");
    CHECK(opened);
    return std::move(*opened);
  }
  void put_back(std::unique_ptr<Registry> registry) { registry.reset(); }
  testing::TemporaryFolder folder;
};

template <class Shelf>
class RegistryContract : public ::testing::Test {
 protected:
  void SetUp() override { registry = shelf.open(); }
  void restart() {
    shelf.put_back(std::move(registry));
    registry = shelf.open();
  }

  Shelf shelf;
  std::unique_ptr<Registry> registry;
};

class Name {
 public:
  template <class Shelf>
  static std::string GetName(int) {
    return std::is_same_v<Shelf, MemoryShelf> ? "MemoryRegistry" : "RocksRegistry";
  }
};
using Shelves = ::testing::Types<MemoryShelf, RocksShelf>;
TYPED_TEST_SUITE(RegistryContract, Shelves, Name);

Sensor some_sensor(std::string id) {
  Sensor sensor =
      sensor_with(std::move(id), {{"k1", new_key().public_key()}, {"k2", new_key(Algorithm::es256).public_key()}});
  sensor.building = "north";
  sensor.room = "hall";
  sensor.quantities = {"humidity", "temperature"};
  sensor.registered = timestamp_from_ms(1'800'000'000'123);
  return sensor;
}

ApiKey some_key(std::string id) {
  ApiKey key;
  key.id = std::move(id);
  key.name = "grafana";
  key.role = Role::reader;
  key.buildings = {"north", "south"};
  key.created = timestamp_from_ms(1'800'000'000'123);
  key.expires = timestamp_from_ms(1'900'000'000'000);
  key.secret = *hash_secret("secret");
  return key;
}

TYPED_TEST(RegistryContract, begins_empty) {
  EXPECT_EQ(*this->registry->find_sensor("s1"), std::nullopt);
  EXPECT_EQ(*this->registry->find_key("k1"), std::nullopt);
  EXPECT_TRUE(this->registry->sensors("", 10)->empty());
  EXPECT_TRUE(this->registry->keys("", 10)->empty());
  EXPECT_FALSE(*this->registry->remove_sensor("s1"));
  EXPECT_FALSE(*this->registry->remove_key("k1"));
}

TYPED_TEST(RegistryContract, keeps_sensors_and_keys_over_a_restart) {
  const Sensor sensor = some_sensor("s/1 ü");
  const ApiKey key = some_key("k1");
  ASSERT_TRUE(this->registry->put_sensor(sensor));
  ASSERT_TRUE(this->registry->put_key(key));
  for (int run = 0; run < 2; ++run) {
    EXPECT_EQ(*this->registry->find_sensor("s/1 ü"), sensor);
    EXPECT_EQ(*this->registry->find_key("k1"), key);
    EXPECT_EQ(*this->registry->find_sensor("k1"), std::nullopt);  // ids of the two kinds do not meet
    EXPECT_EQ(*this->registry->find_key("s/1 ü"), std::nullopt);
    this->restart();
  }
}

TYPED_TEST(RegistryContract, replaces_and_removes) {
  ASSERT_TRUE(this->registry->put_sensor(some_sensor("s1")));
  Sensor other = some_sensor("s1");
  other.keys.pop_back();
  other.room.clear();
  ASSERT_TRUE(this->registry->put_sensor(other));
  EXPECT_EQ(*this->registry->find_sensor("s1"), other);
  EXPECT_TRUE(*this->registry->remove_sensor("s1"));
  EXPECT_FALSE(*this->registry->remove_sensor("s1"));
  ASSERT_TRUE(this->registry->put_key(some_key("k1")));
  EXPECT_TRUE(*this->registry->remove_key("k1"));
  this->restart();
  EXPECT_EQ(*this->registry->find_sensor("s1"), std::nullopt);
  EXPECT_EQ(*this->registry->find_key("k1"), std::nullopt);
}

TYPED_TEST(RegistryContract, lists_in_order_page_by_page) {
  for (const char* id : {"c", "a", "b", "ab"}) {
    ASSERT_TRUE(this->registry->put_sensor(some_sensor(id)));
    ASSERT_TRUE(this->registry->put_key(some_key(id)));
  }
  const auto ids = [](const auto& rows) {
    std::string all;
    for (const auto& row : *rows) all += row.id + " ";
    return all;
  };
  EXPECT_EQ(ids(this->registry->sensors("", 10)), "a ab b c ");
  EXPECT_EQ(ids(this->registry->sensors("", 2)), "a ab ");
  EXPECT_EQ(ids(this->registry->sensors("ab", 2)), "b c ");
  EXPECT_EQ(ids(this->registry->sensors("aa", 1)), "ab ");  // one that is not there
  EXPECT_EQ(ids(this->registry->sensors("c", 2)), "");
  EXPECT_EQ(ids(this->registry->keys("a", 2)), "ab b ");
}

TYPED_TEST(RegistryContract, knows_what_was_made_open) {
  EXPECT_EQ(this->registry->made_open(), 0U);
  for (const char* id : {"a", "b"}) {
    Sensor sensor = some_sensor(id);
    ApiKey key = some_key(id);
    sensor.made_open = key.made_open = true;
    ASSERT_TRUE(this->registry->put_sensor(sensor));
    ASSERT_TRUE(this->registry->put_key(key));
  }
  ASSERT_TRUE(this->registry->put_sensor(some_sensor("c")));
  this->restart();
  EXPECT_EQ(this->registry->made_open(), 4U);
  EXPECT_TRUE((*this->registry->find_sensor("a"))->made_open);
  EXPECT_TRUE((*this->registry->find_key("a"))->made_open);
  EXPECT_FALSE((*this->registry->find_sensor("c"))->made_open);
  EXPECT_EQ(this->registry->sensors("", 10)->size(), 3U);
  ASSERT_TRUE(this->registry->put_sensor(some_sensor("a")));  // registered again
  ASSERT_TRUE(this->registry->remove_sensor("b"));
  ASSERT_TRUE(this->registry->remove_key("b"));
  EXPECT_EQ(this->registry->made_open(), 1U);
  EXPECT_FALSE((*this->registry->find_sensor("a"))->made_open);
}

TYPED_TEST(RegistryContract, raises_the_version_of_what_changes) {
  const Versions& versions = this->registry->versions();
  const auto changes = [&](const std::string& id, auto change) {
    const auto before = versions.of(id);
    change();
    return versions.of(id) != before;
  };
  EXPECT_TRUE(changes("s1", [&] { ASSERT_TRUE(this->registry->put_sensor(some_sensor("s1"))); }));
  EXPECT_TRUE(changes("s1", [&] { ASSERT_TRUE(this->registry->put_sensor(some_sensor("s1"))); }));
  EXPECT_TRUE(changes("s1", [&] { ASSERT_TRUE(this->registry->remove_sensor("s1")); }));
  EXPECT_TRUE(changes("k1", [&] { ASSERT_TRUE(this->registry->put_key(some_key("k1"))); }));
  EXPECT_FALSE(changes("k1", [&] { this->registry->note_use("k1", timestamp_from_ms(1)); }));
  EXPECT_TRUE(changes("k1", [&] { ASSERT_TRUE(this->registry->remove_key("k1")); }));
}

TYPED_TEST(RegistryContract, notes_when_a_key_was_used) {
  ASSERT_TRUE(this->registry->put_key(some_key("k1")));
  ASSERT_TRUE(this->registry->put_key(some_key("k2")));
  this->registry->note_use("k1", timestamp_from_ms(1'800'000'060'000));
  this->restart();
  EXPECT_EQ((*this->registry->find_key("k1"))->last_used, timestamp_from_ms(1'800'000'060'000));
  EXPECT_EQ((*this->registry->keys("", 1)->begin()).last_used, timestamp_from_ms(1'800'000'060'000));
  EXPECT_EQ((*this->registry->find_key("k2"))->last_used, std::nullopt);
  ASSERT_TRUE(this->registry->remove_key("k1"));
  ASSERT_TRUE(this->registry->put_key(some_key("k1")));
  EXPECT_EQ((*this->registry->find_key("k1"))->last_used, std::nullopt);
}

TEST(RegistryCodec, NeverMisreadsDamagedBytes) {
  const Sensor sensor = some_sensor("s1");
  const ApiKey key = some_key("k1");
  const std::string sensor_bytes = encode(sensor);
  const std::string key_bytes = encode(key);
  EXPECT_EQ(decode_sensor("s1", sensor_bytes), sensor);
  EXPECT_EQ(decode_key("k1", key_bytes), key);
  for (std::size_t size = 0; size < sensor_bytes.size(); ++size) {
    EXPECT_FALSE(decode_sensor("s1", sensor_bytes.substr(0, size))) << size;
  }
  for (std::size_t size = 0; size < key_bytes.size(); ++size) {
    EXPECT_FALSE(decode_key("k1", key_bytes.substr(0, size))) << size;
  }
  Sensor open_sensor = sensor;
  ApiKey open_key = key;
  open_sensor.made_open = open_key.made_open = true;
  EXPECT_EQ(encode(open_sensor), "\x02" + sensor_bytes.substr(1));  // docs/formats/registry.md
  EXPECT_EQ(encode(open_key), "\x02" + key_bytes.substr(1));
  EXPECT_EQ(decode_sensor("s1", encode(open_sensor)), open_sensor);
  EXPECT_EQ(decode_key("k1", encode(open_key)), open_key);
  EXPECT_FALSE(decode_sensor("s1", sensor_bytes + "x"));
  EXPECT_FALSE(decode_key("k1", key_bytes + "x"));
  EXPECT_FALSE(decode_sensor("s1", "\x03" + sensor_bytes.substr(1)));  // a version that is not known
  EXPECT_FALSE(decode_key("k1", "\x03" + key_bytes.substr(1)));
  EXPECT_FALSE(decode_key("k1", key_bytes.substr(0, 1) + "\x09" + key_bytes.substr(2)));  // a role that there is not
}

}  // namespace
}  // namespace temperature::access
