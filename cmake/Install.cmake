# What `cmake --install` puts into a prefix: the driver, liblambent.so, the runtime's archives, the C API's headers,
# and how CMake and pkg-config find them. The prefix may be moved afterwards.
include(CMakePackageConfigHelpers)

install(DIRECTORY include/lambent-c DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

if(TARGET LambentArtefactRuntime)
  get_target_property(runtime LambentArtefactRuntime ALIASED_TARGET)
  if(NOT runtime)
    set(runtime LambentArtefactRuntime)
  endif()
  install(TARGETS ${runtime} LambentLinked)
endif()
if(TARGET lambent)
  # LLVM's own libraries stay where they were found.
  set_target_properties(lambent PROPERTIES INSTALL_RPATH ${LLVM_LIBRARY_DIRS})
  install(TARGETS lambent)
endif()
if(TARGET lambent-driver)
  file(RELATIVE_PATH library_dir /${CMAKE_INSTALL_BINDIR} /${CMAKE_INSTALL_LIBDIR})
  set_target_properties(lambent-driver PROPERTIES INSTALL_RPATH $ORIGIN/${library_dir})
  install(TARGETS lambent-driver)
endif()

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/Lambent)
configure_package_config_file(cmake/LambentConfig.cmake.in ${CMAKE_BINARY_DIR}/LambentConfig.cmake
                              INSTALL_DESTINATION ${package_dir}
                              PATH_VARS CMAKE_INSTALL_INCLUDEDIR CMAKE_INSTALL_LIBDIR CMAKE_INSTALL_BINDIR)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/LambentConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/LambentConfig.cmake ${CMAKE_BINARY_DIR}/LambentConfigVersion.cmake
        DESTINATION ${package_dir})

file(RELATIVE_PATH prefix_from_pkgconfig /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
string(REGEX REPLACE "/$" "" prefix_from_pkgconfig "${prefix_from_pkgconfig}")
foreach(name lambent lambent-runtime)
  configure_file(cmake/${name}.pc.in ${CMAKE_BINARY_DIR}/${name}.pc @ONLY)
  install(FILES ${CMAKE_BINARY_DIR}/${name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endforeach()
