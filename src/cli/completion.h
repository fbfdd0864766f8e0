#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace temperature::cli {

// What may stand where a command line goes on: these words, or the name of a file or folder.
struct Completion {
  enum class Kind : std::uint8_t { words, files, folders };
  struct Word {
    std::string word;
    std::string about;  // what it does; empty: it speaks for itself
  };
  Kind kind = Kind::words;
  std::vector<Word> words;  // of Kind::words alone
};

// `words` are those behind the program's name. The last one is being typed, and may be empty: what is found begins
// with it.
Completion complete(const CLI::App& app, std::span<const std::string> words);

// A script that teaches a shell ("bash", "zsh" or "fish") to ask this program. Lifetime: static.
std::string_view completion_script(std::string_view shell);

// Declares `completion SHELL [WORD...]`: without words the script, with words what the script asks for. `chosen`
// outlives the parsing.
void add_completion(CLI::App& app, std::function<int()>& chosen);

}  // namespace temperature::cli
