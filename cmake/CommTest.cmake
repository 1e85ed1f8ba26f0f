# SPDX-License-Identifier: MIT
# Registering tests.  Every CTest test comes after `record.begins`, which empties the list of test
# functions that passed, and before `promises`, which compares that list with tests/promises/.
include_guard()
set(COMM_TEST_RECORD "${PROJECT_BINARY_DIR}/tests-ran.txt")
set(COMM_TEST_RECORD_ROOT "${PROJECT_BINARY_DIR}/tests-ran-root.txt")
set(COMM_TEST_MODES_FILE "${PROJECT_BINARY_DIR}/tests-modes.txt")
# Tests may run as a user who can write nowhere else below the build directory.
file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/Testing")

add_test(NAME record.begins COMMAND sh -c ": > '${COMM_TEST_RECORD}'")

# comm_test_properties(<ctest-name> [MODE mode] [TIMEOUT s] [LABELS ...]): what all tests share.
function(comm_test_properties name)
  cmake_parse_arguments(arg "" "MODE;TIMEOUT" "LABELS" ${ARGN})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 60)
  endif()
  if(COMM_SANITIZE)
    math(EXPR arg_TIMEOUT "${arg_TIMEOUT} * 4")
  endif()
  set(record "${COMM_TEST_RECORD}")
  if("root" IN_LIST arg_LABELS) # these run on their own, as root
    set(record "${COMM_TEST_RECORD_ROOT}")
  endif()
  set_tests_properties(${name} PROPERTIES
    LABELS "${arg_LABELS}"
    TIMEOUT ${arg_TIMEOUT}
    SKIP_RETURN_CODE 77
    DEPENDS record.begins
    ENVIRONMENT "COMM_TEST_RECORD=${record};UBSAN_OPTIONS=print_stacktrace=1")
  if(arg_MODE)
    set_property(TEST ${name} APPEND PROPERTY ENVIRONMENT "LIBCOMM_ENGINE=${arg_MODE}")
  else()
    set_property(TEST ${name} PROPERTY ENVIRONMENT_MODIFICATION "LIBCOMM_ENGINE=unset:")
  endif()
  set_property(GLOBAL APPEND PROPERTY COMM_TESTS ${name})
endfunction()

# comm_test_program(NAME <layer>/<file> [SOURCES ...] [LIBRARIES ...]): builds <file> with the harness.
# SOURCES below support/ are compiled once for all tests.
function(comm_test_program)
  cmake_parse_arguments(arg "" "NAME" "SOURCES;LIBRARIES" ${ARGN})
  get_filename_component(stem "${arg_NAME}" NAME)
  set(shared ${arg_SOURCES})
  list(FILTER shared INCLUDE REGEX "^support/")
  list(FILTER arg_SOURCES EXCLUDE REGEX "^support/")
  if(shared)
    list(APPEND arg_LIBRARIES comm_test_support)
  endif()
  add_executable(${stem} "${arg_NAME}.c" ${arg_SOURCES})
  comm_target_defaults(${stem})
  target_compile_definitions(${stem} PRIVATE _GNU_SOURCE)
  target_compile_options(${stem} PRIVATE -UNDEBUG)
  target_link_libraries(${stem} PRIVATE ${arg_LIBRARIES} comm_harness)
endfunction()

# comm_add_test(NAME <layer>/<file> [MODES] [LABELS ...] [TIMEOUT s] [SOURCES ...] [LIBRARIES ...])
# builds tests/<layer>/<file>.c with the harness and registers it as <file>; the layer is one of its
# labels.  MODES: it holds in all three engine modes, and runs in them where COMM_TEST_ALL_MODES is on
# or its labels include `stress`.
function(comm_add_test)
  cmake_parse_arguments(arg "MODES" "NAME;TIMEOUT" "LABELS;SOURCES;LIBRARIES" ${ARGN})
  get_filename_component(stem "${arg_NAME}" NAME)
  get_filename_component(layer "${arg_NAME}" DIRECTORY)
  comm_test_program(NAME ${arg_NAME} SOURCES ${arg_SOURCES} LIBRARIES ${arg_LIBRARIES})

  set(modes default)
  if((arg_MODES AND COMM_TEST_ALL_MODES) OR "stress" IN_LIST arg_LABELS)
    set(modes default background driver)
  endif()
  foreach(mode IN LISTS modes)
    set(name ${stem})
    set(mode_argument)
    if(NOT mode STREQUAL "default")
      set(name ${stem}.${mode})
      set(mode_argument MODE ${mode})
    endif()
    add_test(NAME ${name} COMMAND ${stem})
    comm_test_properties(${name} ${mode_argument} TIMEOUT ${arg_TIMEOUT}
      LABELS ${layer} ${arg_LABELS})
  endforeach()
  list(JOIN modes " " modes)
  set_property(GLOBAL APPEND_STRING PROPERTY COMM_TEST_MODES "${stem}\t${modes}\n")
endfunction()

# comm_add_check(<name> COMMAND ... [LABELS ...] [TIMEOUT s]): a script as a test.
function(comm_add_check name)
  cmake_parse_arguments(arg "" "TIMEOUT" "COMMAND;LABELS" ${ARGN})
  add_test(NAME ${name} COMMAND ${arg_COMMAND} WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
  comm_test_properties(${name} TIMEOUT ${arg_TIMEOUT} LABELS ${arg_LABELS})
endfunction()

# Once, after all tests are registered.
function(comm_tests_done)
  get_property(modes GLOBAL PROPERTY COMM_TEST_MODES)
  file(WRITE "${COMM_TEST_MODES_FILE}" "${modes}")
  if(NOT COMM_TEST_CHECKS)
    return()
  endif()
  get_property(tests GLOBAL PROPERTY COMM_TESTS)
  add_test(NAME promises
    COMMAND "${PROJECT_SOURCE_DIR}/tests/promises/check.py"
      --modes "${COMM_TEST_MODES_FILE}"
      --figures "${PROJECT_SOURCE_DIR}/bench/figures.tsv"
      --ran "${COMM_TEST_RECORD}" "${COMM_TEST_RECORD_ROOT}"
      --rig "${PROJECT_BINARY_DIR}/rig" $<TARGET_FILE:comm_testing>
      --summary "${PROJECT_BINARY_DIR}/Testing/promises.txt")
  set_tests_properties(promises PROPERTIES LABELS checks TIMEOUT 60 DEPENDS "${tests}")
endfunction()
