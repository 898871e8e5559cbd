# Unit tests of the simulated card. Its core is compiled once for all of them, under the sanitizers.
find_package(OpenSSL 3.0 REQUIRED COMPONENTS Crypto)
include(${PROJECT_SOURCE_DIR}/src/simcard/core.cmake)

add_library(simcard_core_under_test STATIC ${SIMCARD_CORE_SOURCES}
            ${PROJECT_SOURCE_DIR}/tests/support/simcard_vectors.c)
target_include_directories(simcard_core_under_test PUBLIC ${PROJECT_SOURCE_DIR}/tests)
target_link_libraries(simcard_core_under_test PUBLIC OpenSSL::Crypto PkgConfig::CMOCKA)
if(SCM_SANITIZE)
  target_compile_options(simcard_core_under_test PRIVATE -fsanitize=address,undefined
                         -fno-sanitize-recover=all -fno-omit-frame-pointer)
endif()

foreach(name coding select binary record files security data_object secure transport description cards fuzz)
  scm_unit_test(simcard_${name}_test SOURCES simcard/${name}_test.c
                LIBRARIES simcard_core_under_test)
endforeach()
scm_unit_test(simcard_reader_test SOURCES simcard/reader_test.c src/simcard/control_port.c
              src/simcard/hostile.c src/simcard/vpcd_link.c)
target_compile_definitions(simcard_reader_test PRIVATE _GNU_SOURCE)
set_property(TARGET simcard_cards_test simcard_description_test simcard_fuzz_test simcard_secure_test APPEND PROPERTY
             COMPILE_DEFINITIONS SIMCARD_SAMPLES="${PROJECT_SOURCE_DIR}/src/simcard/cards")
