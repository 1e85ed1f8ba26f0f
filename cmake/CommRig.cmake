# SPDX-License-Identifier: MIT
# Suites of the rig (tests/rig/).  A suite is one boot of one guest: a test of its own, which brings out
# what each program did, and a test per program, which tells of it.
include_guard()
set(COMM_RIG_RESULTS "${PROJECT_BINARY_DIR}/rig")

add_custom_target(rig)

# comm_rig_test(<ctest-name> COMMAND ... [TIMEOUT s]): only for `ctest -C rig`.
function(comm_rig_test name)
  cmake_parse_arguments(arg "" "TIMEOUT" "COMMAND" ${ARGN})
  add_test(NAME ${name} CONFIGURATIONS rig COMMAND ${arg_COMMAND})
  set_tests_properties(${name} PROPERTIES LABELS rig TIMEOUT ${arg_TIMEOUT} SKIP_RETURN_CODE 77)
endfunction()

comm_rig_test(rig.kernel TIMEOUT 180 COMMAND "${PROJECT_SOURCE_DIR}/tests/rig/get-kernel")
set_tests_properties(rig.kernel PROPERTIES FIXTURES_SETUP rig.kernel)

# comm_rig_suite(<name> PROGRAMS <target>... [MODULES ...] [DEVICES ...] [ENVIRONMENT NAME=VALUE ...]
#                [FILES FILE[=PLACE] ...] [UDEV] [PREPARE file] [LIMIT s] [TIME s])
# PROGRAMS: test programs, in the order in which they run; TARGETS: others to have in the guest.
# MODULES of the kernel are loaded first.  DEVICES beyond the 16550s are files in tests/rig/host/.
# PREPARE: shell commands, run in the guest before the first program; UDEV: it is there, for them to
# start.  LIMIT: seconds for one program,
# TIME: for the whole guest.
function(comm_rig_suite name)
  cmake_parse_arguments(arg "UDEV" "PREPARE;LIMIT;TIME"
    "PROGRAMS;TARGETS;MODULES;DEVICES;ENVIRONMENT;FILES" ${ARGN})
  set(files ${arg_FILES})
  foreach(target IN LISTS arg_TARGETS)
    list(APPEND files $<TARGET_FILE:${target}>)
  endforeach()
  set(programs)
  foreach(program IN LISTS arg_PROGRAMS)
    list(APPEND programs $<TARGET_FILE:${program}>)
  endforeach()
  if(NOT arg_TIME)
    set(arg_TIME 120)
  endif()
  if(NOT arg_LIMIT)
    set(arg_LIMIT 60)
  endif()
  set(options)
  foreach(list MODULES DEVICES ENVIRONMENT)
    string(TOLOWER ${list} option)
    if(arg_${list})
      list(APPEND options --${option} ${arg_${list}})
    endif()
  endforeach()
  if(files)
    list(APPEND options --files ${files})
  endif()
  if(arg_UDEV)
    list(APPEND options --udev)
  endif()
  if(arg_PREPARE)
    list(APPEND options --prepare "${arg_PREPARE}")
  endif()

  set(names the_guest_comes_to_its_end)
  set(out "${COMM_RIG_RESULTS}/${name}")
  comm_rig_test(rig.${name} TIMEOUT 1500 # boot.py itself keeps to TIME
    COMMAND "${PROJECT_SOURCE_DIR}/tests/rig/host/boot.py"
      --out "${out}" --lineshim $<TARGET_FILE:lineshim> --time ${arg_TIME} --limit ${arg_LIMIT}
      ${options} --programs ${programs})
  set_tests_properties(rig.${name} PROPERTIES # what may take longest begins first
    FIXTURES_REQUIRED rig.kernel FIXTURES_SETUP rig.${name} COST ${arg_TIME})
  foreach(program IN LISTS arg_PROGRAMS names)
    comm_rig_test(rig.${name}.${program} TIMEOUT 10
      COMMAND "${PROJECT_SOURCE_DIR}/tests/rig/result" "${out}" ${program})
    set_tests_properties(rig.${name}.${program} PROPERTIES FIXTURES_REQUIRED rig.${name})
  endforeach()
  add_dependencies(rig lineshim ${arg_PROGRAMS} ${arg_TARGETS})
endfunction()
