# SPDX-License-Identifier: MIT
# Programs as they are written for Windows, unchanged.  Their compiler would have been Microsoft's, to
# which a DWORD is a long: %lu is right there, and the project's own warnings are not for them.
include_guard()

# comm_sample(<target> <source> [definition...])
function(comm_sample target source)
  add_executable(${target} ${source})
  set_target_properties(${target} PROPERTIES
    C_STANDARD 11 C_STANDARD_REQUIRED ON CXX_STANDARD 17 CXX_STANDARD_REQUIRED ON)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wno-format)
  target_compile_definitions(${target} PRIVATE ${ARGN})
  if(COMM_SANITIZE)
    target_compile_options(${target} PRIVATE
      -fsanitize=${COMM_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(${target} PRIVATE -fsanitize=${COMM_SANITIZE})
  endif()
  target_link_libraries(${target} PRIVATE libcomm::win32 Threads::Threads)
endfunction()
