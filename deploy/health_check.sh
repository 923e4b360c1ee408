#!/bin/sh
# Whether a server is ready to work: exit code 0 or 1, and one line. Options: see health-check.mjs.
#   health_check.sh [URL] [--liveness]
exec node "$(dirname "$0")/health-check.mjs" "$@"
