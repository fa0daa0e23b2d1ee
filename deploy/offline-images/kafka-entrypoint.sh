#!/bin/sh
# Reads the settings as the official image does: KAFKA_BROKER_SESSION_TIMEOUT_MS is broker.session.timeout.ms.
set -eu

properties=/tmp/server.properties
env | sed -n 's/^KAFKA_//p' | grep -v '^HEAP_OPTS=' | while IFS='=' read -r name value; do
  printf '%s=%s\n' "$(printf '%s' "$name" | tr 'A-Z_' 'a-z.')" "$value"
done >"$properties"
grep -q '^log\.dirs=' "$properties" || echo 'log.dirs=/tmp/kraft-combined-logs' >>"$properties"

# Several words on purpose; the asterisk is Java's.
set -f
options="${KAFKA_HEAP_OPTS:--Xmx384m} -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp /opt/kafka/lib/*"
# shellcheck disable=SC2086
java $options kafka.tools.StorageTool format --ignore-formatted -t "$CLUSTER_ID" -c "$properties"
# shellcheck disable=SC2086
exec java $options kafka.Kafka "$properties"
