# The rules every Lambent target follows: warnings, sanitizers, MLIR headers as system headers, one shared
# precompiled header of MLIR and both dialects.

# A checked build has the assertions of this project, of LLVM's and MLIR's headers and of the C++ library, and verifies
# the IR after every pass (code asks for it by NDEBUG). The libraries of LLVM and MLIR stay as they were built.
if(NOT LAMBENT_CHECKED)
  add_compile_definitions(NDEBUG)
endif()
add_compile_options(-Wall -Wextra -Werror -Wno-unused-parameter -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  add_compile_options(-Wno-nested-anon-types)
  add_link_options(-fuse-ld=lld)
else()
  # g++-12 warns about code inside MLIR's headers that it inlines.
  add_compile_options(-Wno-maybe-uninitialized -Wno-dangling-pointer -Wno-array-bounds -Wno-stringop-overflow
                      -Wno-restrict -Wno-free-nonheap-object -Wno-missing-field-initializers -Wno-stringop-overread)
endif()
if(LAMBENT_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize=vptr,function -fno-sanitize-recover=undefined
                      -fno-omit-frame-pointer -g1)
  add_link_options(-fsanitize=address,undefined)
endif()

set(LAMBENT_PRECOMPILED_HEADERS
    mlir/IR/Builders.h mlir/IR/BuiltinOps.h mlir/IR/BuiltinTypes.h mlir/IR/PatternMatch.h
    mlir/IR/OpImplementation.h mlir/Interfaces/SideEffectInterfaces.h mlir/Interfaces/InferTypeOpInterface.h
    mlir/Pass/Pass.h mlir/Dialect/Func/IR/FuncOps.h mlir/Dialect/Arith/IR/Arith.h mlir/Dialect/SCF/IR/SCF.h
    mlir/Dialect/Math/IR/Math.h mlir/Dialect/Vector/IR/VectorOps.h mlir/Dialect/LLVMIR/LLVMDialect.h
    mlir/Transforms/GreedyPatternRewriteDriver.h llvm/Support/Error.h
    # What is generated from .td instantiates as much as MLIR's own headers do: 3 s less per translation unit.
    lambent/Graph/IR/Graph.h lambent/Lowering/IR/LIR.h)
list(TRANSFORM LAMBENT_PRECOMPILED_HEADERS REPLACE "(.+)" "<\\1>")

# lambent_add_library(NAME SOURCES a.cpp... [LINK lib...] [NO_MLIR])
# A static library of the project. Unless NO_MLIR is given it sees MLIR's and LLVM's headers and the generated
# ones, and compiles with the shared precompiled header.
function(lambent_add_library name)
  cmake_parse_arguments(ARG "NO_MLIR" "" "SOURCES;LINK" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR}/include ${CMAKE_BINARY_DIR}/include)
  target_link_libraries(${name} PUBLIC ${ARG_LINK})
  if(ARG_NO_MLIR)
    # Small without MLIR's headers, and "using namespace" means other things in them.
    set_target_properties(${name} PROPERTIES UNITY_BUILD OFF)
  else()
    lambent_use_mlir(${name})
    if(LAMBENT_PCH AND TARGET LambentPCH)
      target_precompile_headers(${name} REUSE_FROM LambentPCH)
    endif()
  endif()
endfunction()

# lambent_compile_alone(FILE...): sources of this folder that don't join others in a unity build, since names of theirs
# mean something else in a neighbour.
function(lambent_compile_alone)
  set_source_files_properties(${ARGN} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()

# Gives a target MLIR's headers and shared libraries.
function(lambent_use_mlir name)
  target_include_directories(${name} SYSTEM PUBLIC ${MLIR_INCLUDE_DIRS} ${LLVM_INCLUDE_DIRS})
  target_compile_definitions(${name} PUBLIC _GNU_SOURCE __STDC_CONSTANT_MACROS __STDC_FORMAT_MACROS
                                            __STDC_LIMIT_MACROS)
  lambent_keep_release_layout(${name})
  if(LAMBENT_SANITIZE)
    # A check of each access that AddressSanitizer makes anyway, and a fifth of the time of these builds.
    target_compile_options(${name} PRIVATE -fno-sanitize=null,alignment,object-size)
  endif()
  target_link_libraries(${name} PUBLIC MLIR LLVM)
  add_dependencies(${name} LambentTableGen)
endfunction()

# In a checked build: the layout of LLVM's classes stays what it is in the library.
function(lambent_keep_release_layout name)
  if(LAMBENT_CHECKED)
    target_compile_definitions(${name} PRIVATE _GLIBCXX_ASSERTIONS)
    target_compile_options(${name} PRIVATE
                           "$<$<COMPILE_LANGUAGE:CXX>:SHELL:-include ${CMAKE_SOURCE_DIR}/cmake/LayoutOfRelease.h>")
  endif()
endfunction()

if(LAMBENT_PCH)
  file(WRITE ${CMAKE_BINARY_DIR}/pch.cpp "")
  add_library(LambentPCH STATIC ${CMAKE_BINARY_DIR}/pch.cpp)
  target_include_directories(LambentPCH PRIVATE ${CMAKE_SOURCE_DIR}/include ${CMAKE_BINARY_DIR}/include)
  target_include_directories(LambentPCH SYSTEM PRIVATE ${MLIR_INCLUDE_DIRS} ${LLVM_INCLUDE_DIRS})
  target_compile_definitions(LambentPCH PRIVATE _GNU_SOURCE __STDC_CONSTANT_MACROS __STDC_FORMAT_MACROS
                                                __STDC_LIMIT_MACROS)
  lambent_keep_release_layout(LambentPCH)
  add_dependencies(LambentPCH LambentTableGen)
  target_precompile_headers(LambentPCH PRIVATE ${LAMBENT_PRECOMPILED_HEADERS})
endif()
