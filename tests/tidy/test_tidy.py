"""Each rule of tidy.py, shown to pass a tree that keeps it and to find what breaks it."""

import tempfile
import unittest
from pathlib import Path
from unittest import mock

import limits_page
import metrics_page
import tidy
from tree import Tree

GOOD = {
    "src/CMakeLists.txt": "foreach(folder base model window)\n",
    "src/README.md": "| `base/` | bounds |\n| `model/` | values |\n| `window/` | [averages](../docs/window.md) |\n",
    "src/base/CMakeLists.txt": "house_folder(base SOURCES error.cc)\n",
    "src/base/error.h": "#pragma once\nenum class ErrorCode : int {\n  disk_full,  // gone\n  internal,\n};\n",
    "src/base/error.cc": '#include "base/error.h"\nRow{ErrorCode::disk_full, {"disk_full", 507}},\n'
                         'Row{ErrorCode::internal,\n    {"internal", 500}},\n',
    "src/model/CMakeLists.txt": "house_folder(model KNOWS base)\n",
    "src/model/ids.h": '#pragma once\n\n#include "base/error.h"\n',
    "src/window/CMakeLists.txt": "house_folder(window\n  SOURCES window.cc\n  KNOWS model\n  TESTS window_test.cc\n"
                                 "  FUZZ window_fuzz.cc)\n",
    "src/window/window.h": '#pragma once\n\n#include "model/ids.h"\n',
    "src/window/window.cc": '#include "window/window.h"\n\n#include <vector>\n\n#include "base/error.h"\n',
    "src/window/window_test.cc": '#include "window/window.h"\n',
    "src/window/window_fuzz.cc": '#include "window/window.h"\n',
    "tests/fuzz/corpus/window_window_fuzz/empty": "",
    "docs/window.md": "# Windows\n",
}


class Rules(unittest.TestCase):
    def found(self, changes):
        """What tidy finds in the good tree with these files written over it; None takes a file away."""
        with tempfile.TemporaryDirectory() as root:
            for path, text in (GOOD | changes).items():
                if text is not None:
                    file = Path(root) / path
                    file.parent.mkdir(parents=True, exist_ok=True)
                    file.write_bytes(text.encode())
            return [(check.__name__, each) for check in tidy.RULES for each in sorted(check(Tree(root)))]

    def breaks(self, rule, where, words, changes):
        """The changes break this rule and no other, there and with these words."""
        found = self.found(changes)
        self.assertEqual([name for name, _ in found], [rule], found)
        self.assertEqual(f"{found[0][1].path}:{found[0][1].line}", where)
        self.assertIn(words, found[0][1].message)

    def keeps(self, changes):
        self.assertEqual(self.found(changes), [])

    def test_a_good_tree_has_no_findings(self):
        self.keeps({})

    def test_files_are_short(self):
        self.keeps({"src/model/ids.h": "#pragma once\n" + "//\n" * 399})
        self.breaks("files_are_short", "src/model/ids.h:401", "401 lines",
                    {"src/model/ids.h": "#pragma once\n" + "//\n" * 400})

    def test_lines_are_narrow(self):
        self.keeps({"src/model/ids.h": "#pragma once\n// " + "é" * 117 + "\n"})
        self.breaks("lines_are_narrow", "src/model/ids.h:2", "121 columns",
                    {"src/model/ids.h": "#pragma once\n// " + "é" * 118 + "\n"})

    def test_whitespace_is_plain(self):
        rule = "whitespace_is_plain"
        self.breaks(rule, "docs/window.md:1", "no end", {"docs/window.md": "# Windows"})
        self.breaks(rule, "docs/window.md:2", "empty lines", {"docs/window.md": "# Windows\n\n"})
        self.breaks(rule, "docs/window.md:1", "a tab", {"docs/window.md": "#\tWindows\n"})
        self.breaks(rule, "docs/window.md:1", "carriage return", {"docs/window.md": "# Windows\r\n"})
        self.breaks(rule, "docs/window.md:1", "spaces at the end", {"docs/window.md": "# Windows \n"})
        self.keeps({"Makefile": "run:\n\tserve\n"})

    def test_headers_are_included_once(self):
        self.breaks("headers_are_included_once", "src/model/ids.h:1", "#pragma once",
                    {"src/model/ids.h": "struct Id;\n"})

    def test_sources_are_built(self):
        for file in ("late.cc", "late_test.cc", "late_bench.cc"):
            self.breaks("sources_are_built", f"src/window/{file}:1", "does not name it",
                        {f"src/window/{file}": "\n;\n"})
        self.breaks("sources_are_built", "src/model/late.cc:1", "does not name it",
                    {"src/model/late.cc": "\n;\n",
                     "src/model/CMakeLists.txt": "house_folder(model KNOWS base)  # late.cc\n"})

    def test_a_source_in_a_folder_without_cmake_is_not_built(self):
        self.breaks("sources_are_built", "src/late/late.cc:1", "has no CMakeLists.txt",
                    {"src/late/late.cc": "\n;\n", "src/README.md": GOOD["src/README.md"] + "late/\n"})

    def test_tests_are_named_as_such(self):
        self.breaks("tests_are_named_as_such", "src/window/CMakeLists.txt:1", "window_test.cc belongs to TESTS or",
                    {"src/window/CMakeLists.txt": "house_folder(window SOURCES window.cc window_test.cc KNOWS model "
                                                  "FUZZ window_fuzz.cc)\n"})

    def test_fuzz_targets_have_a_corpus(self):
        self.breaks("fuzz_targets_have_a_corpus", "src/window/CMakeLists.txt:1", "window_fuzz.cc has no inputs",
                    {"tests/fuzz/corpus/window_window_fuzz/empty": None})

    def test_folders_are_built(self):
        self.breaks("folders_are_built", "src/CMakeLists.txt:1", "window is not named",
                    {"src/CMakeLists.txt": "foreach(folder base model windows)\n"})

    def test_folders_know_no_circles(self):
        circle = {"src/base/CMakeLists.txt": "house_folder(base SOURCES error.cc KNOWS window)\n"}
        self.assertEqual({(name, each.path) for name, each in self.found(circle)},
                         {("folders_know_no_circles", f"src/{name}/CMakeLists.txt") for name in
                          ("base", "model", "window")})

    def test_includes_are_allowed(self):
        rule = "includes_are_allowed"
        self.breaks(rule, "src/model/ids.h:2", "model does not know window",
                    {"src/model/ids.h": '#pragma once\n#include "window/window.h"\n'})
        self.breaks(rule, "src/model/ids.h:2", "not under src/",
                    {"src/model/ids.h": '#pragma once\n#include "vector"\n'})

    def test_a_folder_may_generate_a_header(self):
        table = {"src/model/CMakeLists.txt": "house_folder(model SOURCES table.cc KNOWS base)\n",
                 "src/model/table.cc": '#include "model/table_of_units.h"\n'}
        self.breaks("includes_are_allowed", "src/model/table.cc:1", "not under src/", table)
        self.keeps(table | {"src/model/embed.cmake": "file(WRITE ${OUT}/model/table_of_units.h)\n"})

    def test_a_test_may_know_more_than_its_folder(self):
        more = {"src/base/CMakeLists.txt": "house_folder(base SOURCES error.cc TESTS error_test.cc TEST_KNOWS model)\n",
                "src/base/error_test.cc": '#include "base/error.h"\n#include "base/readings_under_test.h"\n',
                "src/base/readings_under_test.h": '#pragma once\n#include "model/ids.h"\n'}
        self.keeps(more)
        self.breaks("includes_are_allowed", "src/base/readings_under_test.h:2", "base does not know model",
                    more | {"src/base/error.cc": GOOD["src/base/error.cc"] + '#include "base/readings_under_test.h"\n'})

    def test_a_folder_without_house_folder_knows_what_it_links(self):
        tool = {"src/model/CMakeLists.txt": "add_executable(tool tool.cc)\n"
                                            "target_link_libraries(tool temperature_base)\n",
                "src/model/tool.cc": '#include "base/error.h"\n'}
        self.keeps(tool)
        self.breaks("includes_are_allowed", "src/model/tool.cc:1", "model does not know window",
                    tool | {"src/model/tool.cc": '#include "window/window.h"\n'})

    def test_own_header_comes_first(self):
        for file in ("window.cc", "window_test.cc"):
            self.breaks("own_header_comes_first", f"src/window/{file}:1", 'the first include is "window/window.h"',
                        {f"src/window/{file}": '#include <vector>\n#include "window/window.h"\n'})

    def test_nothing_is_left_over(self):
        for word in ("FIX" + "ME", "TO" + "DO", "XX" + "X"):
            self.breaks("nothing_is_left_over", "docs/window.md:1", word,
                        {"docs/window.md": f"# Windows: {word} soon\n"})

    def test_addresses_are_public(self):
        for address in ("https://registry.npm" + "js.org/x", "https://py" + "pi.org/simple", "/ro" + "ot/build"):
            self.breaks("addresses_are_public", "web/package-lock.json:1", "registry or of a machine",
                        {"web/package-lock.json": f'{{"resolved": "{address}"}}'})
        self.keeps({"docs/window.md": "https://www.rfc-editor.org/rfc/rfc9457 http://127.0.0.1:8000 ./data\n"})

    def test_names_say_something(self):
        for name in ("class WindowManager;", "namespace util {", "int tmp = 0;", "f(buf);"):
            self.breaks("names_say_something", "src/model/ids.h:2", "says nothing",
                        {"src/model/ids.h": f"#pragma once\n{name}\n"})
        self.keeps({"src/model/ids.h": '#pragma once\n// a manager\nf("tmp", R"(ctx)", file.pos);\n'})
        self.keeps({"src/model/ids.h": "#pragma once\nrocksdb::FileManager files;\n"})

    def test_calls_are_thread_safe(self):
        self.breaks("calls_are_thread_safe", "src/model/ids.h:2", "gmtime()",
                    {"src/model/ids.h": "#pragma once\nauto x = std::gmtime(&t);\n"})
        self.keeps({"src/model/ids.h": "#pragma once\nauto x = gmtime_r(&t, &y) + fmt::gmtime(t);\n"})

    def test_hashes_are_keyed(self):
        plain = "#pragma once\nboost::unordered_flat_map<std::string_view, std::map<int, int>, DigestHash> a;\n"
        self.keeps({"src/model/ids.h": plain + "std::unordered_set<std::string, KeyedHash, std::equal_to<>> b;\n"})
        self.keeps({"src/window/window_test.cc": '#include "window/window.h"\nstd::unordered_set<std::string> a;\n'})
        for code in ("std::unordered_map<std::string, std::map<int, int>> a;", "std::unordered_multiset<Id> a;",
                     "boost::unordered_flat_map<\n  std::string, int> a;", "absl::flat_hash_set<std::string> a;",
                     "boost::unordered::unordered_flat_set<std::string, std::equal_to<>> a;"):
            self.breaks("hashes_are_keyed", "src/model/ids.h:2", "a hash table without a keyed hash",
                        {"src/model/ids.h": f"#pragma once\n{code}\n"})
        for code in ("auto a = std::hash<std::string>()(b);", "auto a = boost::hash_range(b, c);"):
            self.breaks("hashes_are_keyed", "src/model/ids.h:2", "has no secret",
                        {"src/model/ids.h": f"#pragma once\n{code}\n"})
        with mock.patch.dict(tidy.OWN_KEYS, {"src/model/ids.h": "routes"}):
            self.keeps({"src/model/ids.h": "#pragma once\nstd::unordered_map<std::string, int> a;\n"})

    def test_folders_are_described(self):
        self.breaks("folders_are_described", "src/README.md:1", "window/ is not described",
                    {"src/README.md": "base/ model/ other_window/\n"})
        self.breaks("folders_are_described", "src/README.md:1", "is missing", {"src/README.md": None})

    def test_error_codes_have_rows(self):
        self.breaks("error_codes_have_rows", "src/base/error.cc:1", "ErrorCode::disk_full has no row",
                    {"src/base/error.cc": GOOD["src/base/error.cc"].replace('"disk_full"', '"disk"')})
        self.breaks("error_codes_have_rows", "src/base/error.h:1", "no ErrorCode",
                    {"src/base/error.h": "#pragma once\n"})

    def listed(self, changes, value="64 * kKiB"):
        """A tree with a bound in it, and the page that is made of it; then the changes."""
        header = ("#pragma once\n\nnamespace temperature::limits {\n\n// Bytes of an id;\n// a longer one is refused.\n"
                  f"inline constexpr std::size_t kIdBytesMax = {value};\n\n}}  // namespace temperature::limits\n")
        with tempfile.TemporaryDirectory() as root:
            file = Path(root) / "src/model/ids.h"
            file.parent.mkdir(parents=True)
            file.write_text(header)
            page = limits_page.page(Tree(root))
        files = {"docs/operating.md": "# Operating\n", "tests/tidy/limits_page.py": "# makes the page\n",
                 "src/model/ids.h": header, "docs/limits.md": page}
        return files | {path: change(files.get(path)) for path, change in changes.items()}

    def test_bounds_are_listed(self):
        rule = "bounds_are_listed"
        self.keeps(self.listed({}))
        self.breaks(rule, "src/model/ids.h:7", "kIdBytesMax is not in docs/limits.md",
                    self.listed({"docs/limits.md": lambda page: None}))
        self.breaks(rule, "docs/limits.md:11", "kIdBytesMax is 65 * kKiB in src/model/ids.h",
                    self.listed({"src/model/ids.h": lambda header: header.replace("64", "65")}))
        self.breaks(rule, "docs/limits.md:11", "src/model/ids.h has no bound kIdBytesMax",
                    self.listed({"src/model/ids.h": lambda header: GOOD["src/model/ids.h"]}))
        self.breaks(rule, "docs/limits.md:1", "is not what tests/tidy/limits_page.py --write writes",
                    self.listed({"src/model/ids.h": lambda header: header.replace("refused", "cut")}))
        self.breaks(rule, "docs/limits.md:1", "is not what",
                    self.listed({"docs/limits.md": lambda page: page + "more\n"}))

    def test_a_bound_that_moved_is_listed_where_it_is_now(self):
        bound = self.listed({})["src/model/ids.h"]
        moved = self.found(self.listed({"src/model/ids.h": lambda header: GOOD["src/model/ids.h"],
                                        "src/window/window.h": lambda header: bound}))
        self.assertEqual([(name, each.path) for name, each in moved],
                         [("bounds_are_listed", "docs/limits.md"), ("bounds_are_listed", "src/window/window.h")])

    def test_what_stands_among_the_bounds_is_a_bound(self):
        among = lambda text: self.listed({"src/model/ids.h": lambda header: header.replace("\n}", f"{text}\n}}")})
        self.breaks("bounds_are_listed", "src/model/ids.h:8", "int names(); is no bound", among("int names();\n"))
        self.breaks("bounds_are_listed", "src/model/ids.h:1", "a namespace limits that is not written",
                    self.listed({"src/model/ids.h": lambda header: header + "namespace limits {}\n"}))
        said_nothing = self.found(among("inline constexpr int kDepthMax = 3;\n"))
        self.assertIn("kDepthMax has no sentence above it", str(said_nothing))

    def test_a_bound_is_read_whatever_its_layout(self):
        for value, words in (("64 * kKiB", "64 KiB"), ("1'000'000", "1,000,000"), ("2 * limits::kMiB", "2 MiB"),
                             ("16 *\n    kKiB", "16 KiB"), ("3.5", "3.5")):
            self.keeps(self.listed({}, value))
            self.assertIn(f"| {words} | `", self.listed({}, value)["docs/limits.md"])
        for kind, value, words in (("std::chrono::seconds", "10", "10 s"), ("Duration", "20", "20 ms"),
                                   ("Timestamp", "timestamp_from_ms(946'684'800'000)", "946,684,800,000 ms since 1970"),
                                   ("Duration", "std::chrono::hours(24 * 366 * 100)", "878,400 h")):
            self.assertEqual(limits_page.plain(kind, value), words)

    def test_metrics_are_listed(self):
        row = ('    declare(Metric::{0}, {1}, "{2}", "readings", {{"room",\n            "unit"}}, "What \\"it\\" "\n'
               '            "is", "never"),\n')
        table = ("constexpr MetricFamily declare(Metric metric) {\n" +
                 row.format("taken", "counter", "temperature_service_taken_total") +
                 row.format("room_mean", "gauge", "temperature_service_room_mean"))
        files = {metrics_page.TABLE: table, "src/telemetry/CMakeLists.txt": "metric_families.cc\n",
                 "src/CMakeLists.txt": "foreach(folder base model telemetry window)\n",
                 "src/README.md": GOOD["src/README.md"] + "| `telemetry/` | metrics |\n",
                 "tests/tidy/metrics_page.py": "# makes it\n", "docs/alerts.md": "# Alerts\n",
                 "docs/operating.md": "# Operating\n"}
        with tempfile.TemporaryDirectory() as root:
            for path, text in files.items():
                (Path(root) / path).parent.mkdir(parents=True, exist_ok=True)
                (Path(root) / path).write_text(text)
            made = {path: make(Tree(root)) for path, make in metrics_page.MADE.items()}
        self.assertIn('| `temperature_service_taken_total` | counter | readings | `room`, `unit` | What "it" is | '
                      'never |', made["docs/metrics.md"])
        self.assertIn("      - temperature_service_taken: taken\n", made[metrics_page.DATADOG])
        self.assertNotIn("room_mean", made[metrics_page.DATADOG])
        files |= made | {"docs/datadog.md": "# Datadog\n"}
        self.keeps(files)
        self.breaks("metrics_are_listed", "docs/metrics.md:1", "is not what",
                    files | {"docs/metrics.md": made["docs/metrics.md"].replace("never", "always")})
        self.breaks("metrics_are_listed", f"{metrics_page.DATADOG}:1", "is not what",
                    files | {metrics_page.DATADOG: None})
        self.breaks("metrics_are_listed", f"{metrics_page.TABLE}:1", "3 metrics are declared, and 2",
                    files | {metrics_page.TABLE: table + "    declare(Metric::other)\n"})

    def test_pages_that_are_named_exist(self):
        self.breaks("pages_that_are_named_exist", "src/model/ids.h:2", "docs/model.md does not exist",
                    {"src/model/ids.h": "#pragma once\n// docs/{window,model}.md draw it\n"})
        self.breaks("pages_that_are_named_exist", "docs/window.md:1", "docs/leaf.md does not exist",
                    {"docs/window.md": "[leaves](leaf.md#split)\n"})

    def test_every_rule_is_shown_to_fail(self):
        tests = {name.removeprefix("test_") for name in dir(self) if name.startswith("test_")}
        self.assertEqual({check.__name__ for check in tidy.RULES} - tests, set())


if __name__ == "__main__":
    unittest.main()
