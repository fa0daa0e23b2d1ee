#!/bin/sh
# Builds container images of the six servers where no image registry can be reached, and prints the settings by which
# WAYBILL_STACK=containers takes them. Needs root (debootstrap), a container engine, and libs/testbed/native built
# (npm run stack -- up builds it).
#   sh deploy/offline-images/build.sh CACHE_FOLDER
set -eu

here=$(cd "$(dirname "$0")" && pwd)
cache=${1:?usage: build.sh CACHE_FOLDER, such as ~/.cache/waybill/HASH}
suite=${DEBIAN_SUITE:-bookworm}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if ! docker image inspect waybill-offline-base >/dev/null 2>&1; then
  echo "building a Debian base ($suite); its log is in $work/debootstrap.log" >&2
  debootstrap --variant=minbase --include=openjdk-17-jre-headless,redis-server,ca-certificates "$suite" \
    "$work/base" >"$work/debootstrap.log" 2>&1 || { tail -n 15 "$work/debootstrap.log" >&2; exit 1; }
  tar -C "$work/base" -c . | docker import - waybill-offline-base >/dev/null
fi

mkdir "$work/context"
for server in kafka registry mongo s3 mail; do cp -r "$cache/$server" "$work/context/"; done
cp "$here/kafka-entrypoint.sh" "$work/context/"

for server in kafka registry mongo redis s3 mail; do
  echo "building waybill-offline-$server" >&2
  # The classic builder: the newer one is a plug-in that Debian's package lacks.
  DOCKER_BUILDKIT=0 docker build -q -t "waybill-offline-$server" --target "$server" \
    -f "$here/Dockerfile" "$work/context" >/dev/null 2>"$work/build.log" || { cat "$work/build.log" >&2; exit 1; }
  echo "export WAYBILL_IMAGE_$(echo "$server" | tr '[:lower:]' '[:upper:]')=waybill-offline-$server"
done
