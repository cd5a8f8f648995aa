#!/bin/sh
# Puts the program, its capability, the libraries it needs and the directories it writes to into one tree.
#
# usage: stage.sh PROGRAM TREE
set -eu

program=$1
tree=$2

mkdir -p "$tree/usr/bin" "$tree/etc/apitap" "$tree/var/lib/apitap" "$tree/run/apitap" "$tree/usr/share/doc/apitap"
install -m 0755 "$program" "$tree/usr/bin/apitap"
strip "$tree/usr/bin/apitap"
install -m 0644 "$(dirname "$0")/../../LICENSE" "$tree/usr/share/doc/apitap/"

# The base image brings the C library and libgcc. Its C library must not be mixed with parts of another build.
# All go below /usr/lib: /lib may be a link to it in the base image, and a directory cannot be copied onto a link.
ldd "$program" | awk '$3 ~ "^/" { print $3 }' | while read -r library; do
    case ${library##*/} in
    libc.so.* | libm.so.* | libdl.so.* | libpthread.so.* | libresolv.so.* | librt.so.* | libgcc_s.so.* | libstdc++.so.*) ;;
    *) install -D -m 0644 "$(readlink -f "$library")" "$tree/usr/lib/${library#*/lib/}" ;;
    esac
done

chown -R 65532:65532 "$tree/var/lib/apitap" "$tree/run/apitap"
chmod 0700 "$tree/var/lib/apitap"
# Permitted only: raised in code, so the program also starts where a runtime withholds the capability.
setcap cap_net_raw+p "$tree/usr/bin/apitap"
