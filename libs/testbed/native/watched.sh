#!/bin/sh
# Starts a watcher in the background and then replaces itself by the server "$@" (same process id). The watcher stops the
# server when the process that started it has ended for any reason: file descriptor 3 is a pipe from that process, which
# the kernel closes. A line on the pipe means that the server has ended, so the watcher exits.
# WAYBILL_REMOVE: a directory that the watcher removes after it stopped the server.

server=$$

(
  read -r ended <&3 && exit 0
  kill -TERM "$server" 2>/dev/null
  tries=0
  while kill -0 "$server" 2>/dev/null && [ "$tries" -lt 50 ]; do
    tries=$((tries + 1))
    sleep 0.1
  done
  kill -KILL "$server" 2>/dev/null
  if [ -n "$WAYBILL_REMOVE" ]; then
    rm -rf "$WAYBILL_REMOVE"
    rmdir "${WAYBILL_REMOVE%/*}" 2>/dev/null
  fi
) &

exec 3<&-
exec "$@"
