#!/bin/sh
# Starts the Atlas, in a container or outside one: start.sh [serve | check | print]
#
#   serve   run the server, after it was seen that data and settings can be read (the default)
#   check   ask a running server whether it is ready; for a health check
#   print   say with what it would be started
#
# ATLAS_HOST (default 0.0.0.0), ATLAS_PORT (8501), ATLAS_SERVING (an operator's settings file),
# ATLAS_SITE (the folder of serve.py; default: found beside this script).
set -eu

here=$(cd "$(dirname "$0")" && pwd)
if [ -z "${ATLAS_SITE:-}" ]; then
    ATLAS_SITE=$here/..
    [ -f "$ATLAS_SITE/serve.py" ] || ATLAS_SITE=$here/site
fi
host=${ATLAS_HOST:-0.0.0.0}
port=${ATLAS_PORT:-8501}
python=${ATLAS_PYTHON:-python}

case $port in
    '' | *[!0-9]*) echo "ATLAS_PORT must be a number, not '$port'" >&2; exit 64 ;;
esac
cd "$ATLAS_SITE" || { echo "There is no folder $ATLAS_SITE (set ATLAS_SITE)" >&2; exit 66; }
[ -f serve.py ] || { echo "There is no serve.py in $(pwd) (set ATLAS_SITE)" >&2; exit 66; }

case ${1:-serve} in
    serve)
        if [ "$(id -u)" = 0 ] && [ -z "${ATLAS_ALLOW_ROOT:-}" ]; then
            echo "The Atlas does not run as root. Use another user, or set ATLAS_ALLOW_ROOT=1." >&2
            exit 77
        fi
        "$python" -m serving check >&2
        exec "$python" serve.py --host "$host" --port "$port"
        ;;
    check)
        exec "$python" -m serving ready --port "$port"
        ;;
    print)
        echo "$python serve.py --host $host --port $port, in $(pwd)"
        ;;
    *)
        echo "usage: start.sh [serve | check | print]" >&2
        exit 64
        ;;
esac
