#include "cli/completion.h"

// The scripts ask the program itself, so that they are right for whichever version is installed.
namespace temperature::cli {
namespace {

constexpr std::string_view kBash = R"script(# Has bash complete temperature-service.
_temperature_service() {
  local word=${COMP_WORDS[COMP_CWORD]} kind found
  { read -r kind && mapfile -t COMPREPLY; } < <(
    "${COMP_WORDS[0]}" completion bash -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  [ "$word" != = ] || word=""
  case $kind in
    files) found=$(compgen -f -- "$word") ;;
    folders) found=$(compgen -d -- "$word") ;;
    *) return 0 ;;
  esac
  compopt -o filenames 2>/dev/null || true
  COMPREPLY=()
  [ -z "$found" ] || mapfile -t COMPREPLY <<<"$found"
}
complete -F _temperature_service temperature-service
)script";

constexpr std::string_view kZsh = R"script(#compdef temperature-service
# Has zsh complete temperature-service.
_temperature_service() {
  local -a found
  found=("${(@f)$("${words[1]}" completion zsh -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  case $found[1] in
    files) _files ;;
    folders) _files -/ ;;
    words) shift found; _describe 'temperature-service' found ;;
  esac
}
if [ "$funcstack[1]" = _temperature-service ]; then
  _temperature_service "$@"
else
  compdef _temperature_service temperature-service
fi
)script";

constexpr std::string_view kFish = R"script(# Has fish complete temperature-service.
function __temperature_service_complete
  set -l words (commandline -opc)
  set -l word (commandline -ct)
  set -l found ($words[1] completion fish -- $words[2..-1] "$word" 2>/dev/null)
  switch "$found[1]"
    case files
      __fish_complete_path "$word"
    case folders
      __fish_complete_directories "$word"
    case words
      printf '%s\n' $found[2..-1]
  end
end
complete -c temperature-service -f -a '(__temperature_service_complete)'
)script";

}  // namespace

std::string_view completion_script(std::string_view shell) {
  return shell == "zsh" ? kZsh : shell == "fish" ? kFish : kBash;
}

}  // namespace temperature::cli
