#!/bin/sh
# The first process of a host of the lab: mounts its root out of read-only layers, and becomes the agent.
#
#   inside.sh MOUNTPOINT LAYERS AGENT
set -eu
mount --make-rprivate /
mount -t tmpfs -o size=2g lab "$1"
mkdir "$1/upper" "$1/work" "$1/root"
# Directories of the layers below can be renamed, as on any disk.
mount -t overlay overlay -o "lowerdir=$2,upperdir=$1/upper,workdir=$1/work,redirect_dir=on" "$1/root"
mount -t proc proc /proc
mount -t proc proc "$1/root/proc"
# Devices of its own: no way to the log of the machine.
mount -t tmpfs dev "$1/root/dev"
for device in null:3 zero:5 full:7 random:8 urandom:9; do
  mknod -m 666 "$1/root/dev/${device%:*}" c 1 "${device#*:}"
done
ln -s /proc/self/fd "$1/root/dev/fd"
ln -s /proc/self/fd/0 "$1/root/dev/stdin"
ln -s /proc/self/fd/1 "$1/root/dev/stdout"
ln -s /proc/self/fd/2 "$1/root/dev/stderr"
mkdir "$1/root/dev/shm"
ip link set lo up
# Postfix closes every descriptor that there could be, one by one.
ulimit -n 1024
exec node "$3"
