# SPDX-License-Identifier: MIT
# Libraries that make ours better where they are there, and that it does without: AUTO takes what it
# finds, ON insists, OFF does without.
#
# They are referenced weakly.  The shared library is linked with them; the archive is not, and a
# program linked statically has them if it links them itself.
include_guard()
find_package(PkgConfig)

# comm_optional(<name> <pkg-config module> <what it is for>): the option COMM_WITH_<name>; in what is
# compiled, CI_WITH_<name>.
function(comm_optional name module purpose)
  set(option COMM_WITH_${name})
  set(${option} AUTO CACHE STRING "${purpose} (AUTO, ON, OFF)")
  set_property(CACHE ${option} PROPERTY STRINGS AUTO ON OFF)
  if(NOT ${option})
    return()
  endif()
  if(PKG_CONFIG_FOUND)
    pkg_check_modules(${name} QUIET ${module})
  endif()
  if(NOT ${name}_FOUND)
    if(NOT ${option} STREQUAL "AUTO")
      message(FATAL_ERROR "${option} is ON, but pkg-config does not know ${module}")
    endif()
    return()
  endif()
  set_property(GLOBAL APPEND PROPERTY COMM_OPTIONAL_DEFINITIONS CI_WITH_${name}=1)
  set_property(GLOBAL APPEND PROPERTY COMM_OPTIONAL_DIRECTORIES ${${name}_INCLUDE_DIRS})
  set_property(GLOBAL APPEND PROPERTY COMM_OPTIONAL_LIBRARIES ${${name}_LINK_LIBRARIES})
endfunction()

# What compiles our sources.
function(comm_optional_compile target)
  get_property(definitions GLOBAL PROPERTY COMM_OPTIONAL_DEFINITIONS)
  get_property(directories GLOBAL PROPERTY COMM_OPTIONAL_DIRECTORIES)
  target_compile_definitions(${target} PRIVATE ${definitions})
  target_include_directories(${target} SYSTEM PRIVATE ${directories})
endfunction()

# What is linked: also where the linker would drop what is only referenced weakly.
function(comm_optional_link target)
  get_property(libraries GLOBAL PROPERTY COMM_OPTIONAL_LIBRARIES)
  if(libraries)
    target_link_libraries(${target} PRIVATE
      -Wl,--push-state,--no-as-needed ${libraries} -Wl,--pop-state)
  endif()
endfunction()
