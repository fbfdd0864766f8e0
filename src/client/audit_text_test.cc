#include "client/audit_text.h"

#include <gtest/gtest.h>

#include <string>

namespace temperature::client {
namespace {

constexpr std::string_view kAuditJson =
    R"({"position":7,"journal_id":"0f0e0d0c-0b0a-4908-8706-050403020100","number":2,"time":"2026-01-31T12:00:00.001Z",)"
    R"("who":"keeper","action":"delete","scope":{"building":"main","room":"hall","sensor":null,"quantity":null},)"
    R"("from":"2026-01-30T00:00:00.000Z","to":"2026-01-31T00:00:00.000Z","count":3,)"
    R"("reason":"a loose wire","purge":false,)"
    R"("hash":"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",)"
    R"("previous_hash":"0000000000000000000000000000000000000000000000000000000000000000"})";

Result<audit::Link> read_link(const std::string& text) {
  simdjson::dom::parser parser;
  simdjson::dom::element json;
  EXPECT_EQ(parser.parse(text).get(json), simdjson::SUCCESS) << text;
  return read_audit_link(json);
}

std::string with(std::string_view part, std::string_view other) {
  std::string text(kAuditJson);
  return text.replace(text.find(part), part.size(), other);
}

TEST(AuditText, reads_what_the_service_says) {
  const auto link = read_link(std::string(kAuditJson));
  ASSERT_TRUE(link) << link.error().detail;
  EXPECT_EQ(link->number, 2U);
  EXPECT_EQ(link->hash, audit::hash_of("abc"));
  EXPECT_EQ(link->entry, (audit::Entry{.position = Position(7),
                                       .journal = *JournalId::parse("0f0e0d0c-0b0a-4908-8706-050403020100"),
                                       .kind = audit::Kind::deletion,
                                       .received = timestamp_from_ms(1'769'860'800'001),
                                       .who = "keeper",
                                       .building = "main",
                                       .room = "hall",
                                       .from = timestamp_from_ms(1'769'731'200'000),
                                       .to = timestamp_from_ms(1'769'817'600'000),
                                       .reason = "a loose wire",
                                       .count = 3}));
  EXPECT_FALSE(read_link(with("\"count\":3", "\"count\":null"))->entry.count);
  EXPECT_TRUE(read_link(with("\"0f0e0d0c-0b0a-4908-8706-050403020100\"", "null"))->entry.journal.none());
}

TEST(AuditText, refuses_what_no_service_says) {
  for (const auto& [part, other] : {std::pair("\"delete\"", "\"move\""),
                                    {"2026-01-31T12", "yesterday"},
                                    {"ba78", "zz78"},
                                    {"\"count\":3", "\"count\":-3"},
                                    {"\"who\"", "\"whom\""},
                                    {"\"main\"", "5"},
                                    {"0f0e0d0c", "0f0e"},
                                    {"\"purge\":false", "\"purge\":0"}}) {
    const auto link = read_link(with(part, other));
    ASSERT_FALSE(link) << part;
    EXPECT_EQ(link.error().code, ErrorCode::malformed_body);
  }
}

TEST(AuditText, is_a_line_for_each) {
  Table table = audit_table();
  add_audit_entry(table, read_link(std::string(kAuditJson))->entry);
  const std::string text = table.take_lines();
  for (const std::string_view part : {"keeper", "delete", "main", "hall", "all", "3", "a loose wire"}) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace temperature::client
