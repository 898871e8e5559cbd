# shellcheck shell=bash
# card_stack - the card below us, without hardware: pcscd with the virtual reader and simcard in it.
# Owns: the daemon and the card it started, and their folder of logs; card_stack_stop ends them.
#
# Where the kernel lets us, all of it runs in namespaces of its own (mounts, network, processes):
# pcscd's socket and the virtual reader's port are then nobody else's, and nothing outlives us. Where
# it does not (in a container, in a plain chroot), the daemon's usual socket serves: a pcscd that runs
# there with the virtual reader is used as it is, and only where none runs one is started.
# To be sourced after messages.sh.
# Reference: pcscd(8), vsmartcard's virtual reader
# SPDX-License-Identifier: MIT

CARD_STACK_SOCKET=/run/pcscd/pcscd.comm
CARD_STACK_VPCD_PORT=35963
CARD_STACK_CONTROL_PORT=35980
CARD_STACK_READER='Virtual PCD 00 00'
# Debian's package; the folder of architecture-independent name first.
CARD_STACK_VPCD_DRIVERS=(/usr/lib/pcsc/drivers/serial/libifdvpcd.so
  /usr/lib/*/pcsc/drivers/serial/libifdvpcd.so)
CARD_STACK_PATIENCE_S=30

CARD_STACK_DIR=
# The card's answer to reset, for whoever sources this.
export CARD_STACK_ATR=
CARD_STACK_PCSCD_PID=
CARD_STACK_SIMCARD_PID=

# card_stack_is_private: we are inside namespaces of our own already.
card_stack_is_private()
{
  [[ ${SCARDMANAGE_PRIVATE_NAMESPACES:-} == yes ]]
}

# card_stack_can_be_private: the kernel gives us such namespaces.
card_stack_can_be_private()
{
  unshare --mount --net --pid --fork --mount-proc --kill-child true 2>/dev/null
}

# card_stack_enter_private SCRIPT [ARGUMENT...]: becomes SCRIPT run again inside namespaces of its
# own; returns, doing nothing, where it is there already or where the kernel refuses.
card_stack_enter_private()
{
  if card_stack_is_private; then return 0; fi
  if ! card_stack_can_be_private; then
    say "no namespaces of our own are allowed here: pcscd's usual socket is used"
    return 0
  fi
  SCARDMANAGE_PRIVATE_NAMESPACES=yes exec unshare --mount --net --pid --fork --mount-proc \
    --kill-child -- "$BASH" "$@"
}

# card_stack_wait_until SECONDS COMMAND...: polls until the command succeeds.
card_stack_wait_until()
{
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    if ((SECONDS >= deadline)); then return 1; fi
    sleep 0.05
  done
}

card_stack_pcscd_is_up()
{
  [[ -S $CARD_STACK_SOCKET ]]
}

# Makes the private namespaces fit for a pcscd of our own: loopback, an empty socket folder, and no
# driver but the virtual reader's, so that real readers stay with whoever has them.
card_stack_prepare_namespaces()
{
  local empty=$CARD_STACK_DIR/no-drivers
  ip link set lo up
  mkdir -p -- "${CARD_STACK_SOCKET%/*}" "$empty"
  mount -t tmpfs -o mode=0755 none "${CARD_STACK_SOCKET%/*}"
  mount --bind "$empty" /usr/lib/pcsc/drivers
}

# card_stack_find_driver: prints where the virtual reader's driver is.
card_stack_find_driver()
{
  local found
  for found in "${CARD_STACK_VPCD_DRIVERS[@]}"; do
    if [[ -e $found ]]; then
      printf '%s\n' "$found"
      return 0
    fi
  done
  warn "the virtual reader's driver, libifdvpcd.so, is not installed"
  return 1
}

# card_stack_port_is_free PORT: nobody listens there.
card_stack_port_is_free()
{
  ! grep -qi "^ *[0-9]*: [0-9A-F]*:$(printf '%04X' "$1") [0-9A-F]*:0000 0A" /proc/net/tcp \
    /proc/net/tcp6 2>/dev/null
}

# Chooses ports that nobody has; the virtual reader takes two in a row.
card_stack_choose_ports()
{
  local port try
  for ((try = 0; try < 100; try++)); do
    port=$((20000 + RANDOM % 10000))
    if card_stack_port_is_free $port && card_stack_port_is_free $((port + 1)) &&
      card_stack_port_is_free $((port + 2)); then
      CARD_STACK_VPCD_PORT=$port
      CARD_STACK_CONTROL_PORT=$((port + 2))
      return 0
    fi
  done
  warn "found no free ports for the virtual reader"
  return 1
}

# card_stack_start_pcscd [READER-CONFIGURATION-FOLDER]: starts a daemon and waits for its socket.
card_stack_start_pcscd()
{
  local options=(--foreground)
  if [[ -n ${1:-} ]]; then options+=(--config "$1"); fi
  # 2.x asks polkit, which has no service in a namespace, a container or a chroot.
  if pcscd --help 2>&1 | grep -q -e --disable-polkit; then options+=(--disable-polkit); fi

  setpriv --pdeathsig TERM -- pcscd "${options[@]}" >"$CARD_STACK_DIR/pcscd.log" 2>&1 </dev/null &
  CARD_STACK_PCSCD_PID=$!
  if ! card_stack_wait_until "$CARD_STACK_PATIENCE_S" card_stack_pcscd_is_up; then
    warn "pcscd opened no socket within $CARD_STACK_PATIENCE_S s"
    show_log_tail "$CARD_STACK_DIR/pcscd.log"
    return 1
  fi
}

# card_stack_stop_service [SIGNAL] / card_stack_start_service: the daemon goes and comes back while
# the card stays. Only where the daemon is ours.
card_stack_stop_service()
{
  [[ -n $CARD_STACK_PCSCD_PID ]] || return 1
  kill -s "${1:-TERM}" "$CARD_STACK_PCSCD_PID"
  wait "$CARD_STACK_PCSCD_PID" 2>/dev/null || true
  CARD_STACK_PCSCD_PID=
  # One that was killed leaves its socket.
  rm -f -- "$CARD_STACK_SOCKET"
}

card_stack_start_service()
{
  [[ -z $CARD_STACK_PCSCD_PID && -d $CARD_STACK_DIR/readers ]] || return 1
  card_stack_start_pcscd "$CARD_STACK_DIR/readers"
}

# Starts a pcscd with the virtual reader and nothing else configured.
card_stack_start_virtual_reader()
{
  local driver port
  driver=$(card_stack_find_driver) || return 1
  cp -L -- "$driver" "$CARD_STACK_DIR/libifdvpcd.so"
  if card_stack_is_private; then
    card_stack_prepare_namespaces || return 1
  else
    card_stack_choose_ports || return 1
  fi
  port=$(printf '0x%X' "$CARD_STACK_VPCD_PORT")
  mkdir -- "$CARD_STACK_DIR/readers"
  printf '%s\n' 'FRIENDLYNAME "Virtual PCD"' "DEVICENAME   /dev/null:$port" \
    "LIBPATH      $CARD_STACK_DIR/libifdvpcd.so" "CHANNELID    $port" \
    >"$CARD_STACK_DIR/readers/vpcd"
  card_stack_start_pcscd "$CARD_STACK_DIR/readers"
}

# card_stack_start BIN CARD: from the tools in the folder BIN, a card with the contents of the file
# CARD is in the reader CARD_STACK_READER afterwards, its ATR in CARD_STACK_ATR, and simcard listens
# for orders on CARD_STACK_CONTROL_PORT.
card_stack_start()
{
  local bin=$1 card=$2 readers
  CARD_STACK_DIR=$(mktemp -d)

  if ! card_stack_is_private && readers=$("$bin/card_probe" list 2>/dev/null); then
    if ! grep -qxF "$CARD_STACK_READER" <<<"$readers"; then
      warn "the pcscd that runs here has no \"$CARD_STACK_READER\": restart it after installing" \
        "vsmartcard-vpcd"
      return 1
    fi
    say "using the pcscd that runs here, with its reader \"$CARD_STACK_READER\""
  else
    card_stack_start_virtual_reader || return 1
  fi
  card_stack_insert "$bin" "$card"
}

# card_stack_insert BIN CARD: a card with the contents of CARD goes into the virtual reader.
card_stack_insert()
{
  local bin=$1 card=$2
  setpriv --pdeathsig TERM -- "$bin/simcard" --port "$CARD_STACK_VPCD_PORT" --control "$CARD_STACK_CONTROL_PORT" \
    --trace "$CARD_STACK_DIR/apdus.log" "$card" >"$CARD_STACK_DIR/simcard.log" 2>&1 </dev/null &
  CARD_STACK_SIMCARD_PID=$!
  local deadline=$((SECONDS + CARD_STACK_PATIENCE_S))
  until CARD_STACK_ATR=$("$bin/card_probe" wait "$CARD_STACK_READER" 500 2>/dev/null); do
    if ! kill -0 "$CARD_STACK_SIMCARD_PID" 2>/dev/null; then
      warn "simcard has ended"
    elif ((SECONDS < deadline)); then
      continue
    else
      warn "no card in \"$CARD_STACK_READER\" within $CARD_STACK_PATIENCE_S s"
    fi
    card_stack_show_logs
    return 1
  done
}

# card_stack_order WORD...: one order to simcard's control port; prints its answer.
card_stack_order()
{
  local connection answer
  exec {connection}<>"/dev/tcp/127.0.0.1/$CARD_STACK_CONTROL_PORT"
  printf '%s\n' "$*" >&"$connection"
  IFS= read -r -t 10 answer <&"$connection"
  exec {connection}>&-
  printf '%s\n' "$answer"
}

card_stack_show_logs()
{
  [[ -n $CARD_STACK_DIR ]] || return 0
  local log
  for log in pcscd simcard; do
    if [[ -e $CARD_STACK_DIR/$log.log ]]; then show_log_tail "$CARD_STACK_DIR/$log.log"; fi
  done
}

# Ends what was started, the card first, and removes its folder. Harmless twice.
card_stack_stop()
{
  local pid
  for pid in $CARD_STACK_SIMCARD_PID $CARD_STACK_PCSCD_PID; do
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  CARD_STACK_SIMCARD_PID=
  CARD_STACK_PCSCD_PID=
  if [[ -n $CARD_STACK_DIR ]]; then
    umount /usr/lib/pcsc/drivers 2>/dev/null || true
    rm -rf -- "$CARD_STACK_DIR"
    CARD_STACK_DIR=
  fi
}
