# How code of theirs is compiled: small, since a call on a card takes milliseconds whatever we do; 32-bit
# Windows unwinds by frames of its own, not by tables.
set(scm_shipped_code -fstack-protector-strong -Os -ffunction-sections -fdata-sections)
if(CMAKE_SIZEOF_VOID_P EQUAL 4)
  list(APPEND scm_shipped_code -fno-asynchronous-unwind-tables)
endif()

# scm_shipped_dll(TARGET): what holds for every DLL that is loaded into other people's programs. Addresses
# are random, the stack is not code, a smashed stack ends the process, nothing on a 32-bit stack is
# believed to be an exception handler (we have none), imports cannot be written once they are resolved.
# Debug information goes into TARGET.dll.debug beside it, where debuggers look for it.
function(scm_shipped_dll target)
  target_compile_options(${target} PRIVATE ${scm_shipped_code})
  target_link_options(${target} PRIVATE -nostartfiles -nodefaultlibs -Wl,--gc-sections -Wl,--dynamicbase -Wl,--nxcompat)
  if(CMAKE_SIZEOF_VOID_P EQUAL 8)
    target_link_options(${target} PRIVATE -Wl,--entry=DllMain -Wl,--high-entropy-va)
  else()
    target_link_options(${target} PRIVATE -Wl,--entry=_DllMain@12 -Wl,--enable-stdcall-fixup -Wl,--no-seh)
  endif()
  set(file $<TARGET_FILE:${target}>)
  # No time of building in the header.
  set(objcopy ${CMAKE_COMMAND} -E env SOURCE_DATE_EPOCH=0 ${SCM_OBJCOPY})
  add_custom_command(TARGET ${target} POST_BUILD VERBATIM
    COMMAND ${objcopy} --only-keep-debug ${file} ${file}.debug
    # The linker leaves imports writable; the loader opens them for as long as it resolves them.
    COMMAND ${objcopy} --strip-all
            --rename-section .idata=.imports,alloc,load,readonly,data,contents --add-gnu-debuglink=${file}.debug ${file})
endfunction()
