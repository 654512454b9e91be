# placer_room(<target> DIR <folder> ROOT <top-level room> [LINK <targets>...] [PRIVATE <targets>...])
# One library of the sources in <folder>. A target sees the headers of its own top-level room and of the rooms that
# it links, and no others: each room has an include root of its own that holds nothing but a link to its folder, so
# an #include across a forbidden border does not resolve.
function(placer_include_root room)
  set(root ${CMAKE_BINARY_DIR}/rooms/${room})
  file(MAKE_DIRECTORY ${root})
  file(CREATE_LINK ${CMAKE_SOURCE_DIR}/${room} ${root}/${room} SYMBOLIC)
endfunction()

foreach(room api reconcilers controller cmd tests)
  placer_include_root(${room})
endforeach()

function(placer_room target)
  cmake_parse_arguments(R "" "DIR;ROOT" "LINK;PRIVATE" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${R_DIR}/*.cc)
  list(FILTER sources EXCLUDE REGEX "main\\.cc$")
  add_library(${target} STATIC ${sources})
  target_include_directories(${target} PUBLIC ${CMAKE_BINARY_DIR}/rooms/${R_ROOT})
  target_link_libraries(${target} PUBLIC ${R_LINK} PRIVATE ${R_PRIVATE})
endfunction()
