#!/bin/sh
# Runs a command of an image as uid 1000 with a read-only root, on what `buildah mount` shows: in a mount and PID namespace of
# its own, with DATA at /data. Names of settings and their values come from the environment.
#   unshare -m -p -f run-read-only.sh ROOT DATA COMMAND…
set -eu
root=$1 data=$2
shift 2
mount --make-rprivate /
mount --bind "$root" "$root"
mount --bind "$data" "$root/data"
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
mount -o remount,ro,bind "$root"
exec chroot --userspec=1000:1000 "$root" /usr/bin/env -C /app PATH=/usr/local/bin:/usr/bin:/bin NODE_ENV=production \
  HYDROGEN_DATA_DIR=/data HYDROGEN_HTTP_HOST=0.0.0.0 "$@"
