#!/usr/bin/env bash
# The real page of a real Cordon in Debian's Chromium: starts the demo on a free port, clicks through it,
# ends it. Wants web/dist in the binary: `make web` first.
set -eu
cd "$(dirname "$0")/.."
cordon=${1:-target/debug/cordon}
log=$(mktemp)
"$cordon" demo --listen 127.0.0.1:0 --resources 300 >"$log" &
demo=$!
trap 'kill $demo 2>/dev/null; wait $demo 2>/dev/null || true; rm -f "$log"' EXIT
for _ in $(seq 100); do
    url=$(sed -n 's/^listening //p' "$log")
    [ -n "$url" ] && break
    sleep 0.2
done
[ -n "$url" ] || { echo "the demo did not start" >&2; exit 1; }
cd web
BASE_URL="$url" timeout 240 npm run --silent test:page
