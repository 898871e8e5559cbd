# The files of simcard's core, absolute, as SIMCARD_CORE_SOURCES.
set(SIMCARD_CORE_SOURCES
  access.c atr.c card.c cipher.c command_apdu.c commands_authenticate.c commands_binary.c
  commands_data_object.c commands_files.c commands_record.c commands_select.c commands_verify.c
  control_info.c credentials.c description_files.c description_read.c
  description_scanner.c description_security.c description_words.c description_write.c
  file_system.c generated_files.c gsm_manners.c secure_channel.c security.c tlv.c)
list(TRANSFORM SIMCARD_CORE_SOURCES PREPEND ${CMAKE_CURRENT_LIST_DIR}/)
