# How a folder under src/ is built: one library, its tests, fuzz targets and benchmarks beside it.

add_library(house_flags INTERFACE)
target_compile_options(house_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor -Woverloaded-virtual -Werror
  -fno-omit-frame-pointer)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 sees uninitialised members in every std::optional of a class that is moved, and overlapping
  # copies in std::string's operator+ (gcc.gnu.org/PR105651). And it takes the files of a unity build for headers, whose
  # classes may not have members of a file's own types.
  target_compile_options(house_flags INTERFACE -Wno-maybe-uninitialized -Wno-restrict -Wno-subobject-linkage)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # libstdc++ 12 uses what it deprecated itself (std::get_temporary_buffer in std::inplace_merge).
  target_compile_options(house_flags INTERFACE -Wthread-safety -Wno-deprecated-declarations)
endif()
target_include_directories(house_flags INTERFACE ${CMAKE_SOURCE_DIR}/src)
if(TEMPERATURE_SANITIZE)
  target_compile_options(house_flags INTERFACE -fsanitize=${TEMPERATURE_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(house_flags INTERFACE -fsanitize=${TEMPERATURE_SANITIZE})
endif()
if(TEMPERATURE_SANITIZE STREQUAL "thread")
  # RocksDB calls the uninstrumented std::string of libstdc++: an instrumented one keeps TSan's stacks whole.
  add_library(house_instrumented_string OBJECT ${CMAKE_SOURCE_DIR}/tests/sanitizers/instrumented_string.cc)
  target_compile_options(house_instrumented_string PRIVATE -fsanitize=thread)
  target_link_libraries(house_flags INTERFACE $<TARGET_OBJECTS:house_instrumented_string>)
endif()
if(TEMPERATURE_FUZZ)
  target_compile_options(house_flags INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(house_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# Headers that nearly every file includes, read once for all (tests: with gtest). Only for Clang's builds, which are
# those of tests. Each file includes what it uses all the same: the release build has none of this.
set(house_headers <algorithm> <array> <atomic> <chrono> <cstdint> <deque> <expected> <filesystem> <functional> <map>
    <memory> <mutex> <optional> <random> <span> <string> <string_view> <thread> <unordered_map> <utility> <vector>
    <fmt/format.h>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND NOT CMAKE_DISABLE_PRECOMPILE_HEADERS)
  add_library(house_precompiled OBJECT ${CMAKE_SOURCE_DIR}/cmake/precompiled.cc)
  target_link_libraries(house_precompiled PRIVATE house_flags fmt::fmt Threads::Threads)
  target_precompile_headers(house_precompiled PRIVATE ${house_headers})
  if(TEMPERATURE_TESTS)
    add_library(house_precompiled_tests OBJECT ${CMAKE_SOURCE_DIR}/cmake/precompiled.cc)
    target_link_libraries(house_precompiled_tests PRIVATE house_flags fmt::fmt Threads::Threads GTest::gtest)
    target_compile_options(house_precompiled_tests PRIVATE -O0)
    target_precompile_headers(house_precompiled_tests PRIVATE ${house_headers} <gtest/gtest.h>)
  endif()
endif()

# What all fuzz targets are built by; without libFuzzer they replay their corpus.
if(TEMPERATURE_FUZZ)
  add_custom_target(fuzz_targets)
elseif(TEMPERATURE_TESTS AND NOT TEMPERATURE_SANITIZE STREQUAL "thread")
  add_library(house_replay_corpus OBJECT ${CMAKE_SOURCE_DIR}/tests/fuzz/replay_corpus.cc)
  target_link_libraries(house_replay_corpus PRIVATE house_flags)
endif()

# house_folder(NAME SOURCES a.cc ... [KNOWS base model ...] [LIBRARIES fmt::fmt ...]
#              [TESTS a_test.cc ...] [PLAIN_TESTS b_test.cc ...] [TEST_KNOWS testing ...] [TEST_LIBRARIES ...]
#              [FUZZ a_fuzz.cc ...] [BENCH a_bench.cc ...])
# KNOWS names the folders that this one may include; the tidy test holds the includes against it. PLAIN_TESTS are those
# in which nothing runs beside the test's own thread: TSan has nothing to find there, and its build leaves them out.
# The target tests_of_NAME is all of a folder's tests; their label is its name.
function(house_folder name)
  set(keywords SOURCES KNOWS LIBRARIES TESTS PLAIN_TESTS TEST_KNOWS TEST_LIBRARIES FUZZ BENCH)
  cmake_parse_arguments(ARG "" "" "${keywords}" ${ARGN})
  if(ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "house_folder(${name}): unknown ${ARG_UNPARSED_ARGUMENTS}")
  endif()
  set(target temperature_${name})
  list(TRANSFORM ARG_KNOWS PREPEND temperature_)
  list(TRANSFORM ARG_TEST_KNOWS PREPEND temperature_)
  if(ARG_SOURCES)
    add_library(${target} STATIC ${ARG_SOURCES})
    target_link_libraries(${target} PUBLIC house_flags ${ARG_KNOWS} ${ARG_LIBRARIES})
    if(TARGET house_precompiled)
      target_precompile_headers(${target} REUSE_FROM house_precompiled)
    endif()
  else()
    add_library(${target} INTERFACE)
    target_link_libraries(${target} INTERFACE house_flags ${ARG_KNOWS} ${ARG_LIBRARIES})
  endif()
  if(NOT TEMPERATURE_SANITIZE STREQUAL "thread")
    list(APPEND ARG_TESTS ${ARG_PLAIN_TESTS})
  endif()
  if(TEMPERATURE_TESTS AND ARG_TESTS)
    add_executable(${name}_tests ${ARG_TESTS})
    target_link_libraries(${name}_tests PRIVATE ${target} ${ARG_TEST_KNOWS} ${ARG_TEST_LIBRARIES} GTest::gtest_main)
    if(TARGET house_precompiled_tests)
      # The tests' own files are not optimised: that takes two thirds of the time to compile them.
      target_compile_options(${name}_tests PRIVATE -O0)
      target_precompile_headers(${name}_tests REUSE_FROM house_precompiled_tests)
    endif()
    gtest_discover_tests(${name}_tests DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 1800 LABELS ${name})
    add_custom_target(tests_of_${name} DEPENDS ${name}_tests)
  endif()
  foreach(source ${ARG_FUZZ})
    get_filename_component(fuzz_name ${source} NAME_WE)
    if(TEMPERATURE_FUZZ)
      add_executable(${name}_${fuzz_name} ${source})
      target_link_libraries(${name}_${fuzz_name} PRIVATE ${target} -fsanitize=fuzzer)
      if(TARGET house_precompiled)
        target_precompile_headers(${name}_${fuzz_name} REUSE_FROM house_precompiled)
      endif()
      add_dependencies(fuzz_targets ${name}_${fuzz_name})
    elseif(TEMPERATURE_TESTS AND NOT TEMPERATURE_SANITIZE STREQUAL "thread")
      # Without libFuzzer the target replays its corpus: the same checks on known inputs, few enough for -O0.
      add_executable(${name}_${fuzz_name} ${source} $<TARGET_OBJECTS:house_replay_corpus>)
      target_link_libraries(${name}_${fuzz_name} PRIVATE ${target})
      if(TARGET house_precompiled_tests)
        target_compile_options(${name}_${fuzz_name} PRIVATE -O0)
        target_precompile_headers(${name}_${fuzz_name} REUSE_FROM house_precompiled_tests)
      endif()
      add_dependencies(tests_of_${name} ${name}_${fuzz_name})
      add_test(NAME ${name}_${fuzz_name}_corpus
               COMMAND ${name}_${fuzz_name} ${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/${name}_${fuzz_name})
      set_tests_properties(${name}_${fuzz_name}_corpus PROPERTIES LABELS ${name})
    endif()
  endforeach()
  if(TEMPERATURE_BENCH AND ARG_BENCH)
    add_executable(${name}_bench ${ARG_BENCH})
    target_link_libraries(${name}_bench PRIVATE ${target} benchmark::benchmark_main)
  endif()
endfunction()
