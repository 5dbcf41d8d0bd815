#!/usr/bin/env bash
# Servers for the tests that Debian does not install beside one another, or that would be started
# at once: unpacked into out/servers, with the libraries that they need installed.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(proftpd-core inetutils-ftpd rsh-server)
into=$PWD/out/servers
[ -e "$into/complete" ] && exit

mkdir -p "$into/archives"
apt-get update
needed=$(apt-cache depends --important "${packages[@]}" | sed -n 's/^ *Depends: \(lib[^ ]*\)$/\1/p')
libraries=()
for library in $(sort -u <<<"$needed"); do
  dpkg-query -W -f='${Status}' "$library" 2>/dev/null | grep -q 'ok installed' || libraries+=("$library")
done
if [ "${#libraries[@]}" -gt 0 ]; then
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${libraries[@]}"
fi
(cd "$into/archives" && apt-get download "${packages[@]}")
for archive in "$into"/archives/*.deb; do
  dpkg-deb -x "$archive" "$into"
done
touch "$into/complete"
