#!/bin/sh
# Becomes the server "$@" (same process id), after leaving a watcher behind that ends the server when the process that
# started it is gone, however it went: file descriptor 3 is a pipe from that process, and the kernel closes it.
# A line on the pipe says instead that the server has ended and nothing is left to do.
# WAYBILL_REMOVE: a directory to remove then, since nobody else will.

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
