# The card layer and what it stands on, but for the port: for native tests, which compile it again
# under sanitizers. ISO7816_LAYER_SOURCES and CARD_LAYER_SOURCES, absolute.
set(ISO7816_LAYER_SOURCES
  src/iso7816/apdu.c src/iso7816/apdu_decode.c src/iso7816/atr.c src/iso7816/ber_tlv.c
  src/iso7816/fcp.c src/iso7816/interindustry.c src/iso7816/mutual_authentication.c
  src/iso7816/response.c src/iso7816/secure_messaging.c src/iso7816/status_words.c
  src/system/block_cipher.c src/system/block_cipher_posix.c src/system/block_mac.c
  src/system/digest_posix.c)
set(CARD_LAYER_SOURCES
  src/card/holder/auth.c src/card/link/channel.c src/card/files/directory.c src/card/link/exchange.c src/card/doors/files.c
  src/card/files/content.c src/card/files/control.c src/card/files/memory.c src/card/files/path.c
  src/card/holder/pin_pad.c src/card/holder/pins.c
  src/card/link/profile.c src/card/session/query.c src/card/doors/relay.c src/card/doors/search.c src/card/session/session.c src/card/link/profiles.c src/pcsc/context_pool.c
  src/system/clock_posix.c src/system/lock_posix.c src/system/memory_posix.c src/system/trace_file_posix.c src/base/result.c src/base/text.c src/system/trace.c)
list(TRANSFORM ISO7816_LAYER_SOURCES PREPEND ${PROJECT_SOURCE_DIR}/)
list(TRANSFORM CARD_LAYER_SOURCES PREPEND ${PROJECT_SOURCE_DIR}/)
list(APPEND CARD_LAYER_SOURCES ${ISO7816_LAYER_SOURCES})
