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

# house_folder(NAME SOURCES a.cc ... [KNOWS base model ...] [LIBRARIES fmt::fmt ...]
#              [TESTS a_test.cc ...] [TEST_LIBRARIES ...] [FUZZ a_fuzz.cc ...] [BENCH a_bench.cc ...])
# KNOWS names the folders that this one may include; the tidy test holds the includes against it.
function(house_folder name)
  cmake_parse_arguments(ARG "" "" "SOURCES;KNOWS;LIBRARIES;TESTS;TEST_KNOWS;TEST_LIBRARIES;FUZZ;BENCH" ${ARGN})
  if(ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "house_folder(${name}): unknown ${ARG_UNPARSED_ARGUMENTS}")
  endif()
  set(target temperature_${name})
  list(TRANSFORM ARG_KNOWS PREPEND temperature_)
  list(TRANSFORM ARG_TEST_KNOWS PREPEND temperature_)
  if(ARG_SOURCES)
    add_library(${target} STATIC ${ARG_SOURCES})
    target_link_libraries(${target} PUBLIC house_flags ${ARG_KNOWS} ${ARG_LIBRARIES})
  else()
    add_library(${target} INTERFACE)
    target_link_libraries(${target} INTERFACE house_flags ${ARG_KNOWS} ${ARG_LIBRARIES})
  endif()
  if(TEMPERATURE_TESTS AND ARG_TESTS)
    add_executable(${name}_tests ${ARG_TESTS})
    target_link_libraries(${name}_tests PRIVATE ${target} ${ARG_TEST_KNOWS} ${ARG_TEST_LIBRARIES} GTest::gtest_main)
    gtest_discover_tests(${name}_tests DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 600)
  endif()
  foreach(source ${ARG_FUZZ})
    get_filename_component(fuzz_name ${source} NAME_WE)
    if(TEMPERATURE_FUZZ)
      add_executable(${name}_${fuzz_name} ${source})
      target_link_libraries(${name}_${fuzz_name} PRIVATE ${target} -fsanitize=fuzzer)
    elseif(TEMPERATURE_TESTS)
      # Without libFuzzer the target replays its corpus: the same checks on known inputs.
      add_executable(${name}_${fuzz_name} ${source} ${CMAKE_SOURCE_DIR}/tests/fuzz/replay_corpus.cc)
      set_target_properties(${name}_${fuzz_name} PROPERTIES UNITY_BUILD OFF)  # it declares what the target defines
      target_link_libraries(${name}_${fuzz_name} PRIVATE ${target})
      add_test(NAME ${name}_${fuzz_name}_corpus
               COMMAND ${name}_${fuzz_name} ${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/${name}_${fuzz_name})
    endif()
  endforeach()
  if(TEMPERATURE_BENCH AND ARG_BENCH)
    add_executable(${name}_bench ${ARG_BENCH})
    target_link_libraries(${name}_bench PRIVATE ${target} benchmark::benchmark_main)
  endif()
endfunction()
