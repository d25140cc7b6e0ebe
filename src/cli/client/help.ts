// SPDX-License-Identifier: MPL-2.0

/** What follows the list of options. */
export const clientHelp = `
run: gets a lease and keeps it, one process for each interface: addresses are put on the interface, delegated prefixes on
--downstream interfaces, DNS servers into resolvconf where there is one. It looks for a server for ever, unless --timeout
is given, and with --no-address and no --prefix asks for information only. SIGUSR1 renews, SIGUSR2 releases and waits for
SIGUSR1, SIGHUP reads certificate, key, trust anchors and CRLs anew, SIGTERM and SIGINT release and end.

Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 no server authenticated itself (with --opportunistic: nor
answered in clear).

--opportunistic: the client looks for an authenticated server as always, for --timeout. If there is none, it says so on
standard error and goes on in clear, with a DUID and IAID of their own and without --fqdn. Servers that could not be
authenticated (unknown authority, wrong name) or that refused this client do not keep it from that, for whoever can
forge such an answer can suppress the true one too. A server whose key differs from the one that --trust-on-first-use
has kept does, always. A server that has authenticated itself is never passed over. A lease obtained encrypted is
never renewed, released or declined in clear; one obtained in clear needs the option for that, and is not renewed once
a server authenticates itself: ask for a fresh lease then.

--anonymous: each lease is asked for by somebody else, with a key, a DUID and an IAID made for it, without a name, and
without anything of an earlier lease; when the link was down, run forgets its lease and begins anew. No --private-key is
needed. With --certificate and --private-certificate the server, and nobody else, learns who the client is. The
link-layer address is not this command's: have it randomised too.

Examples:
  kea-encryption client --interface eth0 --certificate host.pem --private-key host.key \\
    --trust-anchors ca.pem --server-name dhcp.example.com --prefix --lease-file lease.json
  kea-encryption client release --interface eth0 --certificate host.pem --private-key host.key \\
    --trust-anchors ca.pem --lease-file lease.json`;
