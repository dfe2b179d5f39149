# Unit tests: one GoogleTest binary per area. lit finds them by their name and counts their cases one by one.

find_package(GTest REQUIRED)

# lambent_add_unittest(NAME a.cpp... [LINK lib...] [MLIR] [KERNELS])
# A test binary NAMETests in the build tree's test/Unit, part of check-lambent. With MLIR it compiles with the
# precompiled MLIR headers. KERNELS says that it runs kernels: sanitizers see nothing of their code, and what emits it is
# gone through by whole models, so that the sanitizers' build, a fourth of which these would be, leaves them out.
function(lambent_add_unittest name)
  cmake_parse_arguments(ARG "MLIR;KERNELS" "" "LINK" ${ARGN})
  set(target ${name}Tests)
  add_executable(${target} ${ARG_UNPARSED_ARGUMENTS})
  target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR}/include ${CMAKE_BINARY_DIR}/include)
  target_link_libraries(${target} PRIVATE ${ARG_LINK} GTest::gtest_main)
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/test/Unit)
  # Tests that stand side by side have the same names for what they test.
  set_target_properties(${target} PROPERTIES UNITY_BUILD OFF)
  if(ARG_MLIR)
    lambent_use_mlir(${target})
    if(LAMBENT_PCH AND TARGET LambentPCH)
      # The precompiled header was made with -fPIC, and clang takes it with the same flag only.
      set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
      target_compile_options(${target} PRIVATE -fPIC)
      target_precompile_headers(${target} REUSE_FROM LambentPCH)
    endif()
  endif()
  if(ARG_KERNELS AND LAMBENT_SANITIZE)
    set_target_properties(${target} PROPERTIES EXCLUDE_FROM_ALL ON)
  else()
    set_property(GLOBAL APPEND PROPERTY LAMBENT_UNIT_TESTS ${target})
  endif()
endfunction()
