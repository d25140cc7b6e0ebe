// SPDX-License-Identifier: MPL-2.0

/** The help text after the list of options. */
export const clientHelp = `
run: the client daemon, one process for each interface. It gets a lease and keeps it: it puts addresses on the interface,
delegated prefixes on --downstream interfaces, and DNS servers into resolvconf if that is installed. It looks for a server
for ever, unless --timeout is given, and with --no-address and no --prefix requests information only. SIGUSR1 renews,
SIGUSR2 releases and waits for SIGUSR1, SIGHUP reloads certificate, key, trust anchors and CRLs, SIGTERM and SIGINT
release and end.

Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 no server authenticated itself (with --opportunistic: nor
answered in clear).

The certificate goes to authenticated servers only, under encryption; with --public-certificate in clear as well. Messages
that stay unanswered also go wrapped in Relay-forwards, from UDP port 547, since some relay agents drop what they do not
know; status, and the output, say which way worked.

--no-clock: a machine that does not know the time takes it from an authenticated server, for this protocol only, and not
earlier than its certificate, its kept lease or this program.

--opportunistic: the client looks for an authenticated server for --timeout. If there is none, it reports that on
standard error and continues in clear, with a DUID and IAID of their own and without --fqdn. Servers that could not be
authenticated (unknown authority, wrong name) or that refused this client do not prevent that, since anyone who can
forge such an answer can suppress the true one too. A server whose key differs from the one that --trust-on-first-use
has kept always prevents it. A server that has authenticated itself is never passed over. A lease obtained encrypted is
never renewed, released or declined in clear; one obtained in clear needs the option for that, and is not renewed once
a server authenticates itself: request a new lease then.

--anonymous: the client has another identity for each lease: a key, a DUID and an IAID made for it, no name, and nothing
of an earlier lease; when the link was down, run forgets its lease and begins again. No --private-key is needed. With
--certificate the server, and no one else, learns who the client is. This command does not
change the link-layer address: randomise it too.

Examples:
  kea-encryption client --interface eth0 --certificate host.pem --private-key host.key \\
    --trust-anchors ca.pem --server-name dhcp.example.com --prefix --lease-file lease.json
  kea-encryption client release --interface eth0 --certificate host.pem --private-key host.key \\
    --trust-anchors ca.pem --lease-file lease.json`;
