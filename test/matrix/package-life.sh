#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# Inside a clean root, with the packages in /packages: installs, serves, upgrades, removes and purges, each with checks.
# There is no systemd, so engine and Kea run here as their units say (units.sh).
set -uo pipefail
cd "$(dirname "$0")"
. ./units.sh

passed=0 failed=0
check() { # check WHAT COMMAND…
    local what=$1 output
    shift
    if output=$("$@" 2>&1); then
        passed=$((passed + 1))
        printf 'ok      %s\n' "$what"
    else
        failed=$((failed + 1))
        printf 'FAILED  %s\n' "$what"
        sed 's/^/        /' <<<"$output"
    fi
}
not() { ! "$@"; }

export DEBIAN_FRONTEND=noninteractive
profile=/etc/apparmor.d/usr.sbin.kea-dhcp6
local=/etc/apparmor.d/local/usr.sbin.kea-dhcp6
first=$(ls /packages/*.deb | grep -v _9999)
second=$(ls /packages/*_9999*.deb)
as_kea() { setpriv --reuid _kea --regid _kea --init-groups "$@"; }

# Everything on the disk and in the accounts that a package may leave behind.
snapshot() {
    find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp -o -path /source -o \
        -path /packages -o -path /root -o -path /var/lib/dpkg -o -path /var/cache -o -path /var/log -o \
        -path /var/lib/apt \) -prune -o ! -name '*.db' ! -name 'passwd*' ! -name 'group*' ! -name 'shadow*' \
        ! -name 'gshadow*' ! -name '.pwd.lock' ! -path /var/lib/systemd/deb-systemd-helper-enabled* \
        -printf '%M %u:%g %p %l\n' | sort
    cut -d: -f1 /etc/passwd /etc/group | sort
    cat "$local"
}

# Names each relative link of the installed pages that leads nowhere; fails where there is one, or no link at all.
links_lead_somewhere() {
    local page to links=0 dead=0
    while IFS=: read -r page to; do
        links=$((links + 1))
        [ -e "${page%/*}/$to" ] || { dead=$((dead + 1)) && printf '%s: %s\n' "$page" "$to"; }
    done < <(find /usr/share/doc/kea-encryption -name '*.md' -exec grep -oHP '\]\(\K[^)\s#:]+(?=[)#])' {} +)
    printf '%d links\n' "$links"
    [ "$links" -gt 40 ] && [ "$dead" = 0 ]
}

snapshot >/tmp/before
printf '== install\n'
check 'apt installs it without a network' apt-get install -y "$first"
check "its version names this root's Kea" test "$(dpkg-query -W -f '${Version}' kea-encryption | cut -d+ -f2)" = \
    "kea$(dpkg-query -W -f '${source:Upstream-Version}' kea-dhcp6-server)"
check 'a second configuration changes nothing' dpkg-reconfigure -f noninteractive kea-encryption
check "the engine's user is no one else's" test "$(id -un _kea-encryption)" = _kea-encryption
check "the engine's user is in no other group, nor Kea's in the engine's" test \
    "$(id -nG _kea-encryption) $(id -nG _kea)" = '_kea-encryption _kea'
check 'the state is of the engine alone' test "$(stat -c '%U %a' /var/lib/kea-encryption)" = '_kea-encryption 700'
check "its parent is root's" test "$(stat -c %U /var/lib)" = root
check "its settings are root's" test "$(stat -c '%U %a' /etc/kea-encryption/engine.conf)" = 'root 644'
check 'the unit is enabled' test -L /etc/systemd/system/multi-user.target.wants/kea-encryption.service
check 'the socket is enabled' test -L /etc/systemd/system/sockets.target.wants/kea-encryption.socket
check 'the units are well-formed' units_are_clean
for unit in kea-encryption.service kea-encryption-client@.service; do
    check "the sandbox of $unit is judged safe" systemd-analyze security --offline=true --threshold=20 "$unit"
done
for own in kea-encryption-engine kea-encryption-client; do
    check "the profile $own is well-formed" apparmor_parser --skip-kernel-load --skip-cache "/etc/apparmor.d/$own"
done
check 'the man page is there' test -s /usr/share/man/man8/kea-encryption.8.gz
check 'every link of its pages leads to something that is installed' links_lead_somewhere
if grep -q local/usr.sbin.kea-dhcp6 "$profile"; then
    check 'AppArmor lets Kea reach the engine' grep -c kea-encryption "$local"
else
    check 'AppArmor is left to the administrator' not grep kea-encryption "$profile" "$local"
    sed -i '$s|}|include if exists <abstractions/kea-encryption>\n}|' "$profile"
fi
check "the profile with the package's rules is well-formed" \
    apparmor_parser --skip-kernel-load --skip-cache --debug "$profile"
apparmor_parser --skip-kernel-load --skip-cache --preprocess "$profile" >/tmp/profile 2>/dev/null
check "the package's rules are in the profile" grep -q '^ *network unix seqpacket,' /tmp/profile

printf '== serve\n'
make_keys
lay_cable
write_configuration ''
cp /etc/kea/kea-dhcp6.conf /tmp/without
write_configuration '"hooks-libraries": [ <?include "/etc/kea/encryption/hook.json"?> ],'
check 'one line in kea-dhcp6.conf is all' test "$(diff /tmp/without /etc/kea/kea-dhcp6.conf | grep -c '^[<>]')" -le 2
check 'the command accepts the configuration' kea-encryption check /etc/kea/kea-dhcp6.conf
check 'Kea accepts the configuration' \
    ip netns exec server setpriv --reuid _kea --regid _kea --init-groups kea-dhcp6 -t /etc/kea/kea-dhcp6.conf
check 'Kea cannot read the private key' not as_kea cat /etc/kea-encryption/server.key
check 'nor what the engine keeps' not as_kea ls /var/lib/kea-encryption
check 'the engine starts as its unit says' start_engine
check 'nobody else can connect to the socket' not setpriv --reuid nobody --regid nogroup --clear-groups \
    test -w /run/kea-encryption/engine.sock
check 'Kea can' as_kea test -w /run/kea-encryption/engine.sock
check 'Kea starts as its unit says' start_kea
check 'the engine reads nothing of what is Kea’s alone' not setpriv --reuid _kea-encryption --regid _kea-encryption \
    --init-groups cat /var/lib/kea/kea-leases6.csv
check 'a client obtains an encrypted lease' lease lease
check 'Kea has leased it' grep -q "^2001:db8:1::" /var/lib/kea/kea-leases6.csv
check 'the engine keeps its state' test -n "$(ls -A /var/lib/kea-encryption)"

printf '== upgrade\n'
echo '// the administrator was here' >>/etc/kea/encryption/hook.json
state=$(ls -i /var/lib/kea-encryption)
check 'apt upgrades it' apt-get install -y -o Dpkg::Options::=--force-confdef "$second"
check 'the new version is installed' test "$(dpkg-query -W -f '${Version}' kea-encryption | cut -d+ -f1)" = 9999.0.0
check "the administrator's settings are kept" grep -q 'was here' /etc/kea/encryption/hook.json
check 'the state is kept' test "$(ls -i /var/lib/kea-encryption)" = "$state"
stop_engine
check 'the new engine starts' start_engine
check 'the running Kea serves the client again' lease_again
stop_kea
check 'Kea starts with the new hook' start_kea
check 'it serves the client' lease renew
check 'Kea ends as it should' stop_kea
stop_engine
check 'the engine made no system call that its unit forbids' not grep -v '^strace\|+++\|---' /tmp/forbidden

printf '== remove\n'
check 'apt removes it, and says that Kea still wants it' bash -c \
    'apt-get remove -y kea-encryption 2>&1 | tee /dev/stderr | grep -q "still names the hook"'
check 'hook and command are gone' not ls /usr/lib/*/kea/hooks/libdhcp_encryption.so /usr/bin/kea-encryption
check 'settings and state stay' test -s /etc/kea/encryption/hook.json -a -d /var/lib/kea-encryption
check "AppArmor's rules are withdrawn" not grep kea-encryption "$local"
check 'the profile is still well-formed' apparmor_parser --skip-kernel-load --skip-cache --debug "$profile"
write_configuration ''
check 'Kea starts without it' start_kea
stop_kea

printf '== purge\n'
check 'apt purges it' apt-get purge -y kea-encryption
check "the administrator's keys stay" test -s /etc/kea-encryption/server.key
check 'and belong to root, not to the next user of that number' test "$(stat -c %u /etc/kea-encryption/server.key)" = 0
check 'the state is gone' not test -e /var/lib/kea-encryption
restore
snapshot >/tmp/after
check 'nothing is left behind' diff /tmp/before /tmp/after
printf '%d passed, %d failed, 0 skipped\n' "$passed" "$failed"
