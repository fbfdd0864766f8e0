"""A checkout as the rules see it: its files, and what the folders under src/ say in their CMakeLists.txt."""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

PASSED_OVER = {".git", "node_modules", "__pycache__", ".pytest_cache", ".hypothesis", ".cache"}
PASSED_OVER_AT_THE_TOP = {"build", "data"}
CODE = {".h", ".cc"}
SCRIPTS = {"Makefile", "setup", "build", "test", "check", "lint", "format", "bench", "demo", "run"}
TEXT = CODE | {".py", ".sh", ".md", ".cmake", ".css", ".js", ".html", ".yaml", ".yml", ".toml", ".supp", ".ini"}
KEYWORDS = {"SOURCES", "KNOWS", "LIBRARIES", "TESTS", "PLAIN_TESTS", "TEST_KNOWS", "TEST_LIBRARIES", "FUZZ", "BENCH"}
TEST_ENDINGS = ("_test.cc", "_fuzz.cc", "_bench.cc")


@dataclass(frozen=True, order=True)
class Finding:
    path: str
    line: int
    message: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.message}"


@dataclass
class Folder:
    """What a folder's CMakeLists.txt says: the arguments of house_folder(), and every word in it."""

    arguments: dict = field(default_factory=dict)
    words: set = field(default_factory=set)

    def knows(self):
        if self.arguments:
            return set(self.arguments.get("KNOWS", ()))
        return {word.removeprefix("temperature_") for word in self.words if word.startswith("temperature_")}


def read_folder(text):
    text = re.sub(r"#.*", "", text)
    folder = Folder(words=set(re.findall(r"[\w./:$@{}+-]+", text)))
    call = re.search(r"house_folder\(\s*\w+([^()]*)\)", text)
    if call:
        group = folder.arguments.setdefault("NAME", [])
        for word in call.group(1).split():
            if word in KEYWORDS:
                group = folder.arguments.setdefault(word, [])
            else:
                group.append(word)
    return folder


class Tree:
    def __init__(self, root):
        self.root = Path(root)
        self.paths = sorted(self._walk())
        self._texts = {}
        self.folders = {}
        for path in self.paths:
            match = re.fullmatch(r"src/(\w+)/CMakeLists\.txt", path)
            if match:
                self.folders[match.group(1)] = read_folder(self.text(path))

    def _walk(self):
        for folder, names, files in os.walk(self.root):
            refused = PASSED_OVER | (PASSED_OVER_AT_THE_TOP if Path(folder) == self.root else set())
            names[:] = [name for name in names if name not in refused]
            for name in files:
                yield (Path(folder) / name).relative_to(self.root).as_posix()

    def text(self, path):
        if path not in self._texts:
            self._texts[path] = (self.root / path).read_bytes().decode("utf-8", errors="replace")
        return self._texts[path]

    def lines(self, path):
        return enumerate(self.text(path).splitlines(), start=1)

    def has(self, path):
        return (self.root / path).exists()

    def code(self):
        return [path for path in self.paths if Path(path).suffix in CODE]

    def sources(self):
        return [path for path in self.code() if path.startswith("src/") and path.count("/") == 2]

    def layout(self):
        """Files whose lines we lay out: code, scripts and CMake files."""
        return [path for path in self.paths if Path(path).suffix in CODE | {".py", ".sh", ".cmake"} or is_script(path)]

    def texts(self):
        return [path for path in self.paths if Path(path).suffix in TEXT or is_script(path)]

    def reach(self, names):
        """The folders named, and all that they know."""
        reached, waiting = set(), list(names)
        while waiting:
            name = waiting.pop()
            if name not in reached:
                reached.add(name)
                waiting += self.folders[name].knows() if name in self.folders else ()
        return reached

    def generates(self, name, header):
        """Whether the folder's CMake files speak of this header, which is not in the checkout."""
        files = [path for path in self.paths if re.fullmatch(rf"src/{name}/(CMakeLists\.txt|\w+\.cmake)", path)]
        return any(header in self.text(path) for path in files)

    def includes(self, path):
        """(line, included path, quoted?) of each #include."""
        for number, line in self.lines(path):
            match = re.match(r'\s*#\s*include\s*(["<])([^">]+)[">]', line)
            if match:
                yield number, match.group(2), match.group(1) == '"'


def is_script(path):
    name = Path(path).name
    return name == "CMakeLists.txt" or (Path(path).suffix == "" and name in SCRIPTS)


def is_test(path):
    return path.endswith(TEST_ENDINGS)
