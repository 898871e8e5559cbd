# The card layer and what it stands on, but for the port: for native tests, which compile it again
# under sanitizers. ISO7816_LAYER_SOURCES and CARD_LAYER_SOURCES, absolute.
set(ISO7816_LAYER_SOURCES
  src/iso7816/apdu.c src/iso7816/apdu_decode.c src/iso7816/atr.c src/iso7816/ber_tlv.c
  src/iso7816/fcp.c src/iso7816/interindustry.c src/iso7816/mutual_authentication.c
  src/iso7816/response.c src/iso7816/secure_messaging.c src/iso7816/status_words.c
  src/base/block_cipher.c src/pcsc/block_cipher_posix.c src/base/block_mac.c
  src/pcsc/digest_posix.c)
set(CARD_LAYER_SOURCES
  src/card/card_auth.c src/card/card_channel.c src/card/card_directory.c src/card/card_exchange.c src/card/card_file_access.c
  src/card/card_file_content.c src/card/card_file_control.c src/card/card_files.c src/card/card_path.c
  src/card/card_pin_pad.c src/card/card_pins.c
  src/card/card_profile.c src/card/card_query.c src/card/card_relay.c src/card/card_search.c src/card/card_session.c src/card/profiles.c src/pcsc/context_pool.c
  src/pcsc/platform_posix.c src/base/result.c src/base/text.c src/base/trace.c)
list(TRANSFORM ISO7816_LAYER_SOURCES PREPEND ${PROJECT_SOURCE_DIR}/)
list(TRANSFORM CARD_LAYER_SOURCES PREPEND ${PROJECT_SOURCE_DIR}/)
list(APPEND CARD_LAYER_SOURCES ${ISO7816_LAYER_SOURCES})
