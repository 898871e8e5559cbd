# scm_layer(NAME SOURCES ... [WINDOWS ...] [POSIX ...] [USES layer ...]): the library scm_NAME, the only
# place that lists the layer's files. On Windows it is a part of scardmanage.dll; natively it is what the
# tests link, under the sanitizers, and of it a program takes what it needs: a fake of the tests goes in
# place of a file.

# scm_under_sanitizers(TARGET): what natively holds for tests and for all they are made of.
function(scm_under_sanitizers target)
  if(SCM_SANITIZE STREQUAL "thread")
    target_compile_options(${target} PRIVATE -fsanitize=thread -fno-omit-frame-pointer)
    target_link_options(${target} PUBLIC -fsanitize=thread)
  elseif(SCM_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=address,undefined -fno-sanitize-recover=all
                                             -fno-omit-frame-pointer)
    target_link_options(${target} PUBLIC -fsanitize=address,undefined)
  endif()
endfunction()

function(scm_layer name)
  cmake_parse_arguments(arg "" "" "SOURCES;WINDOWS;POSIX;USES" ${ARGN})
  if(WIN32)
    add_library(scm_${name} OBJECT ${arg_SOURCES} ${arg_WINDOWS})
    target_compile_options(scm_${name} PRIVATE ${scm_shipped_code})
  elseif(SCM_TESTS)
    add_library(scm_${name} STATIC ${arg_SOURCES} ${arg_POSIX})
    scm_under_sanitizers(scm_${name})
    if(SCM_CHECK_INVARIANTS)
      target_compile_definitions(scm_${name} PUBLIC SCM_CHECK_INVARIANTS)
    endif()
    list(TRANSFORM arg_USES PREPEND scm_)
    target_link_libraries(scm_${name} PUBLIC ${arg_USES})
  endif()
endfunction()
