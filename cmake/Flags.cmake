find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wno-missing-field-initializers)
if(PLACER_WERROR)
  add_compile_options(-Werror)
endif()
add_compile_options(-ffunction-sections -fdata-sections)
add_link_options(-fuse-ld=lld-19)
if(PLACER_SANITIZE)
  add_compile_options(-fsanitize=${PLACER_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${PLACER_SANITIZE})
else()
  add_link_options(-Wl,--gc-sections -Wl,--icf=safe -Wl,-z,pack-relative-relocs)
endif()

if(PLACER_FUZZERS)
  add_compile_options(-fsanitize=fuzzer-no-link)
  add_link_options(-fsanitize=fuzzer-no-link)
endif()

# Asio and Beast are instantiated once, in controller/effects/asio_impl.cc and controller/net/beast_impl.cc.
add_compile_definitions(
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
  SPDLOG_FMT_EXTERNAL FMT_HEADER_ONLY)
