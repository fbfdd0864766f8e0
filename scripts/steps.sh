# shellcheck shell=bash
# For the scripts beside it: steps that all run, each timed, and one verdict at the end.
# Sourced from the top of the checkout.

JOBS=${JOBS:-$(nproc)}
PYTHON=${PYTHON:-/usr/bin/python3} # Debian's, which has Debian's pytest; another may come first on PATH
export PYTHONDONTWRITEBYTECODE=1
export PATH=$PATH:/usr/lib/llvm-19/bin # llvm-symbolizer: names in the reports of clang's sanitizers
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1:halt_on_error=1}
tsan_defaults=suppressions=$PWD/tests/sanitizers/tsan.supp:second_deadlock_stack=1:halt_on_error=1
export TSAN_OPTIONS=${TSAN_OPTIONS:-$tsan_defaults}

steps_failed=()
steps_report=()
steps_times=build/times/$(basename "$0").tsv # seconds and name of each step, for `scripts/test --times`
mkdir -p build/times
: >"$steps_times"

# step NAME COMMAND [ARGUMENT...]: runs it, and goes on when it fails.
step() {
  local name=$1 start=$SECONDS verdict=ok
  shift
  printf '\n== %s\n' "$name"
  if ! "$@"; then
    verdict=FAILED
    steps_failed+=("$name")
  fi
  steps_report+=("$(printf '%5d s  %-6s  %s' $((SECONDS - start)) "$verdict" "$name")")
  printf '%d\t%s\n' $((SECONDS - start)) "$name" >>"$steps_times"
}

# unit_tests PRESET [ARGUMENT...]: some wait for threads and disks, so there are more at once than cores.
unit_tests() {
  local preset=$1
  shift
  ctest --preset "$preset" --parallel "$((2 * JOBS))" --output-on-failure "$@"
}

# system_tests PROGRAM [ARGUMENT...]: drives that program with pytest, several tests at once. Each worker has services
# its own; the tests of a file stay with one worker, because they share one.
system_tests() {
  local program=$1
  shift
  TEMPERATURE_BINARY=$program "$PYTHON" -m pytest tests/system -q -n "$((2 * JOBS))" --dist loadfile "$@"
}

# steps_end: the table of all steps; false when one failed.
steps_end() {
  printf '\n'
  printf '%s\n' "${steps_report[@]}"
  [ ${#steps_failed[@]} -eq 0 ]
}
