# Holds the installed headers to being whole: what a client gets compiles with nothing of ours beside.
#   cmake -DBUILD=build/mingw-... -DCOMPILER=... -DCLIENT=client_header.c -P installed_headers.cmake
cmake_minimum_required(VERSION 3.21)
set(installed ${BUILD}/installed_headers)
file(REMOVE_RECURSE ${installed})
execute_process(COMMAND ${CMAKE_COMMAND} --install ${BUILD} --component headers --prefix ${installed}
                COMMAND_ERROR_IS_FATAL ANY)
file(GLOB guids ${installed}/include/scardmanage/*_i.c)
if(NOT guids)
  message(FATAL_ERROR "no file with GUIDs was installed")
endif()
foreach(source ${CLIENT} ${guids})
  execute_process(COMMAND ${COMPILER} -DCOBJMACROS -fsyntax-only -I${installed}/include/scardmanage
                          ${source}
                  COMMAND_ERROR_IS_FATAL ANY)
endforeach()
