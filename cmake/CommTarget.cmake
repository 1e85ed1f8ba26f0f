# SPDX-License-Identifier: MIT
# What every target of ours has in common: C11, the warning list, the sanitizers chosen by
# COMM_SANITIZE.  Warnings become errors only through CMAKE_COMPILE_WARNING_AS_ERROR, in the presets.
include_guard()
find_package(Threads REQUIRED)

set(COMM_WARNINGS
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wundef -Wvla -Wformat=2 -Wpointer-arith
  -Wwrite-strings -Wswitch-enum -Wimplicit-fallthrough
  $<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes> $<$<COMPILE_LANGUAGE:C>:-Wmissing-prototypes>)

function(comm_target_defaults target)
  set_target_properties(${target} PROPERTIES
    C_STANDARD 11
    C_STANDARD_REQUIRED ON
    C_EXTENSIONS OFF
    C_VISIBILITY_PRESET hidden)
  target_compile_options(${target} PRIVATE ${COMM_WARNINGS})
  if(COMM_SANITIZE)
    target_compile_options(${target} PRIVATE
      -fsanitize=${COMM_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(${target} PRIVATE -fsanitize=${COMM_SANITIZE})
  endif()
endfunction()
