#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# Sourced by package-life.sh: a client and a server joined by a cable, and engine and Kea as systemd would start them.

engine_unit=/usr/lib/systemd/system/kea-encryption.service
socket_unit=/usr/lib/systemd/system/kea-encryption.socket
setting() { sed -n "s/^$1=//p" "$engine_unit" "$socket_unit" | head -1; }

units_are_clean() {
    local words
    words=$(systemd-analyze verify --man=no "$engine_unit" "$socket_unit" 2>&1) && ! grep kea-encryption <<<"$words"
}

until_true() { # until_true COMMAND…: for at most a minute
    local tries=300
    until "$@" >/dev/null 2>&1; do
        [ $((tries -= 1)) -gt 0 ] || return 1
        sleep 0.2
    done
}

make_keys() {
    kea-encryption pki init --directory /tmp/pki >/dev/null
    (cd /tmp && kea-encryption pki server --directory pki --name dhcp.example.net --out server >/dev/null &&
        kea-encryption pki client --directory pki --name laptop.example.net --out laptop >/dev/null)
    install -m 644 /tmp/server.pem /tmp/pki/ca.pem /etc/kea-encryption/
    install -m 600 -o _kea-encryption /tmp/server.key /etc/kea-encryption/
    cp -p /etc/kea/kea-dhcp6.conf "$profile" /tmp/
}

lay_cable() {
    ip netns add client
    ip netns add server
    ip -n client link add client0 type veth peer name server0 netns server
    ip -n server address add 2001:db8:1::1/64 dev server0 nodad
    ip -n client link set client0 up
    ip -n server link set server0 up
    ip -n server link set lo up
    until_true bash -c 'ip -n client -6 address show dev client0 scope link -tentative | grep -q fe80'
    until_true bash -c 'ip -n server -6 address show dev server0 scope link -tentative | grep -q fe80'
}

write_configuration() { # write_configuration LINE
    cat >/etc/kea/kea-dhcp6.conf <<END
{
"Dhcp6": {
    $1
    "interfaces-config": { "interfaces": [ "server0" ] },
    "control-socket": { "socket-type": "unix", "socket-name": "/run/kea/kea6-ctrl-socket" },
    "lease-database": { "type": "memfile" },
    "subnet6": [
        {
            "id": 1,
            "interface": "server0",
            "subnet": "2001:db8:1::/64",
            "pools": [ { "pool": "2001:db8:1::1:0/112" } ]
        }
    ],
    "loggers": [ { "name": "kea-dhcp6", "severity": "INFO", "output_options": [ { "output": "stdout" } ] } ]
}
}
END
}

# Every system call that the unit's filter lets through, and the few around exec that systemd itself allows.
allowed_calls() {
    local sets=() removed=() word
    for word in $(sed -n 's/^SystemCallFilter=\([^~]\)/\1/p' "$engine_unit"); do sets+=("$word"); done
    for word in $(sed -n 's/^SystemCallFilter=~//p' "$engine_unit"); do removed+=("$word"); done
    comm -23 <(expand_sets "${sets[@]}" @default) <(expand_sets "${removed[@]}" | grep -vxF -f <(expand_sets @default))
}

expand_sets() {
    local set
    for set in "$@"; do
        systemd-analyze --no-pager syscall-filter "$set" | tail -n +2 | sed 's/^ *//' |
            while read -r word; do
                case $word in
                '#'* | '') ;;
                @*) expand_sets "$word" ;;
                *) printf '%s\n' "$word" ;;
                esac
            done
    done | sort -u
}

# The socket is there at once; the engine is started with the first connection, as systemd would. It stays the process
# that the socket was passed to, and what traces it is a grandchild of it.
start_engine() {
    local calls socket
    socket=$(setting ListenSequentialPacket)
    install -d -m "$(setting DirectoryMode)" "${socket%/*}"
    rm -f "$socket"
    install -d -o "$(setting User)" -g "$(setting Group)" -m "$(setting RuntimeDirectoryMode)" \
        "/run/$(setting RuntimeDirectory)"
    calls=$(allowed_calls | sed 's/^/?/' | paste -sd,)
    # shellcheck disable=SC2046
    (umask "$(setting UMask)" && exec systemd-socket-activate --listen "$socket" --seqpacket \
        unshare --net setpriv --reuid "$(setting User)" --regid "$(setting Group)" \
        --init-groups --no-new-privs --bounding-set=-all env "RUNTIME_DIRECTORY=/run/$(setting RuntimeDirectory)" \
        strace -D -f -qq --seccomp-bpf -e "trace=!$calls" -o /tmp/forbidden.$$ $(setting ExecStart)) \
        >/tmp/engine.log 2>&1 &
    until_true test -S "$socket" && chown "$(setting SocketUser):" "$socket" &&
        chmod "$(setting SocketMode)" "$socket" || {
        cat /tmp/engine.log
        return 1
    }
}

stop_engine() {
    # Of the user's own: one that no connection has started yet is systemd-socket-activate still.
    pkill -u "$(setting User)" -x node || pkill -x systemd-socket-
    until_true bash -c "! pgrep -u $(setting User)"
    cat /tmp/forbidden.$$ >>/tmp/forbidden
}

start_kea() {
    install -d -o _kea -g _kea -m 750 /run/kea /run/lock/kea /var/log/kea /var/lib/kea
    : >/tmp/kea.log
    KEA_LOCKFILE_DIR=/run/lock/kea ip netns exec server setpriv --reuid _kea --regid _kea --init-groups \
        --inh-caps +net_bind_service --ambient-caps +net_bind_service --bounding-set=-all,+net_bind_service \
        kea-dhcp6 -c /etc/kea/kea-dhcp6.conf >/tmp/kea.log 2>&1 &
    kea_pid=$!
    until_true grep -q DHCP6_STARTED /tmp/kea.log && ! grep -q DHCP6_OPEN_SOCKETS_FAILED /tmp/kea.log || {
        cat /tmp/kea.log
        return 1
    }
}

stop_kea() {
    local pid
    pid=$(pgrep -x kea-dhcp6) || return 1
    kill "$pid"
    until_true bash -c "! kill -0 $pid"
    grep -q DHCP6_SHUTDOWN /tmp/kea.log
}

lease() { # lease EXCHANGE
    ip netns exec client kea-encryption client "$1" --interface client0 --certificate /tmp/laptop.pem \
        --private-key /tmp/laptop.key --trust-anchors /tmp/pki/ca.pem --server-name dhcp.example.net \
        --lease-file /tmp/lease.json --timeout 60 | grep 'address 2001:db8:1::' || {
        cat /tmp/kea.log /tmp/engine.log
        return 1
    }
}

# The hook connects to a new engine by itself, after a pause.
lease_again() { until_true lease renew; }

restore() {
    cp -p /tmp/kea-dhcp6.conf /etc/kea/kea-dhcp6.conf
    cp -p "/tmp/${profile##*/}" "$profile"
    rm -f /etc/kea-encryption/server.pem /etc/kea-encryption/server.key /etc/kea-encryption/ca.pem
    rmdir /etc/kea-encryption
    rm -rf /var/lib/kea /run/kea
    ip netns delete client
    ip netns delete server
}
