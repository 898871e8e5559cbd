# The files of simcard's core, absolute, as SIMCARD_CORE_SOURCES.
set(SIMCARD_CORE_SOURCES
  access.c answer_quirks.c answers.c atr.c card.c card_state.c cipher.c collected.c command_apdu.c
  command_parts.c
  commands_authenticate.c commands_binary.c commands_data_object.c commands_files.c
  commands_record.c commands_select.c commands_verify.c control_info.c credentials.c
  description_files.c description_quirks.c description_read.c description_scanner.c
  description_security.c description_words.c description_write.c dispatch.c execution.c
  file_system.c generated_files.c gsm_profile.c instructions.c place.c recording_read.c replay.c replay_card.c secure_channel.c security.c
  session.c tlv.c)
list(TRANSFORM SIMCARD_CORE_SOURCES PREPEND ${CMAKE_CURRENT_LIST_DIR}/)
