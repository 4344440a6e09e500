#!/usr/bin/env bash
# Builds what the tests against the real Postfix run in: for each suite of Debian a root with cloud-init and with the packages that user
# data may install in a folder repository, and above it a layer in which Postfix is installed. Above the root of trixie there is another
# layer, whose repository holds what a front end is made of. The network is needed here and never again.
#
#   roots.sh DIRECTORY [SUITE…]        a root that is complete already is kept
set -euo pipefail
lab=$1
shift
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}

build() {
  local suite=$1 root=$lab/$1/base layer=$lab/$1/postfix work=$lab/$1/work joined=$lab/$1/joined
  rm -rf "$lab/$suite"
  mkdir -p "$root" "$layer" "$work" "$joined"
  debootstrap --variant=minbase "$suite" "$root" "$mirror"
  echo "deb $mirror $suite-updates main" >>"$root/etc/apt/sources.list"
  echo "deb ${mirror%/debian}/debian-security $suite-security main" >>"$root/etc/apt/sources.list"

  # Nothing starts by itself, and there is no systemd to ask.
  printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
  printf '#!/bin/sh\nexit 0\n' >"$root/usr/local/bin/systemctl"
  chmod +x "$root/usr/sbin/policy-rc.d" "$root/usr/local/bin/systemctl"
  printf 'path-exclude /usr/share/doc/*\npath-exclude /usr/share/man/*\npath-exclude /usr/share/locale/*\n' >"$root/etc/dpkg/dpkg.cfg.d/lean"

  inside "$root" "apt-get update
    apt-get install -y --no-install-recommends cloud-init apt-utils python3 netbase
    mkdir /repository && cd /repository && rm -f /var/cache/apt/archives/*.deb
    apt-get install -y --no-install-recommends --download-only postfix postfix-pcre postfix-lmdb
    mv /var/cache/apt/archives/*.deb . && apt-ftparchive packages . >Packages
    rm -rf /etc/apt/sources.list /etc/apt/sources.list.d/* /var/lib/apt/lists/*
    echo 'deb [trusted=yes] file:/repository ./' >/etc/apt/sources.list
    apt-get update"

  mount -t overlay overlay -o "lowerdir=$root,upperdir=$layer,workdir=$work" "$joined"
  inside "$joined" "apt-get install -y --no-install-recommends postfix postfix-pcre postfix-lmdb" || { umount "$joined"; return 1; }
  umount "$joined"
  chroot "$root" true && touch "$lab/$suite/complete"
}

# The repository of a front end: every package that its scripts may install, and those that its units are checked with.
extend() {
  local suite=$1 root=$lab/$1/base layer=$lab/$1/front-end work=$lab/$1/work joined=$lab/$1/joined
  rm -rf "$layer" "$work"
  mkdir -p "$layer" "$work" "$joined"
  mount -t overlay overlay -o "lowerdir=$root,upperdir=$layer,workdir=$work" "$joined"
  inside "$joined" "echo 'deb $mirror $suite main' >/etc/apt/sources.list
    echo 'deb $mirror $suite-updates main' >>/etc/apt/sources.list
    echo 'deb ${mirror%/debian}/debian-security $suite-security main' >>/etc/apt/sources.list
    apt-get update
    apt-get install -y --no-install-recommends --download-only awscli azure-vm-utils ca-certificates chrony curl dns-root-data e2fsprogs jq lego libsasl2-modules openssl postfix systemd unattended-upgrades unbound
    mv /var/cache/apt/archives/*.deb /repository
    rm -rf /etc/apt/sources.list /var/lib/apt/lists/*
    cd /repository && apt-ftparchive packages . >Packages
    echo 'deb [trusted=yes] file:/repository ./' >/etc/apt/sources.list
    apt-get update" || { umount "$joined"; return 1; }
  umount "$joined"
  touch "$lab/$suite/front-end.complete"
}

inside() {
  # Maintainer scripts look at /proc, to see what protocols there are for one.
  unshare --mount --pid --fork --kill-child sh -c 'mount -t proc proc "$1/proc" && exec chroot "$@"' sh "$1" env -i DEBIAN_FRONTEND=noninteractive PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin sh -eux -c "$2"
}

for suite in "${@:-bookworm}"; do
  [ -e "$lab/$suite/complete" ] || build "$suite"
  [ "$suite" != trixie ] || [ -e "$lab/$suite/front-end.complete" ] || extend "$suite"
done
