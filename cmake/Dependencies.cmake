# Every third-party library, linked statically where Debian ships an archive. prometheus-cpp comes as a shared
# library only, and with it the shared libstdc++. All headers live in /usr/include, which the compiler treats as
# system headers: no -I may name it.
find_package(Threads REQUIRED)

set(Boost_USE_STATIC_LIBS ON)
find_package(Boost 1.81.0 EXACT CONFIG REQUIRED COMPONENTS json)

set(OPENSSL_USE_STATIC_LIBS TRUE)
find_package(OpenSSL REQUIRED)

find_library(YAML_CPP_ARCHIVE libyaml-cpp.a REQUIRED)
find_library(SQLITE_ARCHIVE libsqlite3.a REQUIRED)
find_library(PROMETHEUS_CPP_CORE prometheus-cpp-core REQUIRED)

add_library(dep_absl INTERFACE)
file(GLOB ABSL_ARCHIVES /usr/lib/${CMAKE_LIBRARY_ARCHITECTURE}/libabsl_*.a)
if(NOT ABSL_ARCHIVES)
  message(FATAL_ERROR "Abseil's static archives (libabsl-dev) are missing; ./tests/run installs every package")
endif()
# The test libraries among the archives would pull in GoogleTest.
list(FILTER ABSL_ARCHIVES EXCLUDE REGEX "(testing|test_|mock)")
target_link_libraries(dep_absl INTERFACE -Wl,--start-group ${ABSL_ARCHIVES} -Wl,--end-group Threads::Threads)

add_library(dep_asio INTERFACE)
target_link_libraries(dep_asio INTERFACE OpenSSL::SSL OpenSSL::Crypto Threads::Threads)

add_library(dep_json INTERFACE)
target_link_libraries(dep_json INTERFACE Boost::json)

add_library(dep_yaml INTERFACE)
target_link_libraries(dep_yaml INTERFACE ${YAML_CPP_ARCHIVE})

add_library(dep_sqlite INTERFACE)
target_link_libraries(dep_sqlite INTERFACE ${SQLITE_ARCHIVE} ${CMAKE_DL_LIBS})

add_library(dep_prometheus INTERFACE)
target_link_libraries(dep_prometheus INTERFACE ${PROMETHEUS_CPP_CORE})
