# The addon kea_hooks_bridge: build/Release/kea_hooks_bridge.node.
#
# The headers of OpenSSL and libuv are Node.js's own where it brings them (official builds), else the system's:
# a Node.js that is linked to libcrypto and libuv (Debian's) needs libssl-dev and libuv1-dev. libuv is never
# linked here; its symbols come with Node.js.
#
# sanitize=true: with AddressSanitizer and UndefinedBehaviorSanitizer (native/sanitized.sh).
# tests=true: besides kea_hooks_packets, the tests' end of the channel (build:addon; not what `npm ci` builds).
{
  "variables": {
    "sanitize%": "false",
    "tests%": "false",
    "node_shared_openssl%": "false",
  },
  "target_defaults": {
    "dependencies": [
      "<!(node -p \"require('node-addon-api').targets\"):node_addon_api_except_all",
    ],
    "include_dirs": ["native"],
    "defines": ["NAPI_VERSION=8", "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS"],
    "cflags": ["-fvisibility=hidden", "-Wall", "-Wextra"],
    "conditions": [
      ["node_shared_openssl=='true'", {"libraries": ["-lcrypto"]}],
      [
        "sanitize=='true'",
        {
          "cflags": [
            "-fsanitize=address,undefined",
            "-fno-sanitize-recover=undefined",
            "-fno-omit-frame-pointer",
          ],
          "ldflags": ["-fsanitize=address,undefined"],
        },
      ],
    ],
  },
  "targets": [
    {
      "target_name": "kea_hooks_bridge",
      "sources": [
        "native/bridge/addon.cc",
        "native/bridge/arguments.cc",
        "native/bridge/calls.cc",
        "native/bridge/crypto/curve.cc",
        "native/bridge/crypto/ec_keys.cc",
        "native/bridge/crypto/ml_kem.cc",
        "native/bridge/crypto/symmetric.cc",
        "native/bridge/descriptor.cc",
        "native/bridge/endpoint.cc",
        "native/bridge/frame_sender.cc",
        "native/bridge/listener.cc",
        "native/bridge/loop_descriptor.cc",
        "native/bridge/outgoing.cc",
        "native/bridge/path/canonical_name.cc",
        "native/bridge/path/certificate_rules.cc",
        "native/bridge/path/crl_rules.cc",
        "native/bridge/path/der.cc",
        "native/bridge/path/key_rules.cc",
        "native/bridge/path/name_rules.cc",
        "native/bridge/path/path_store.cc",
        "native/bridge/process.cc",
        "native/bridge/path/path_validation.cc",
        "native/bridge/path/rule.cc",
        "native/bridge/path/trust_store.cc",
        "native/bridge/receive_slab.cc",
        "native/bridge/sockets.cc",
      ],
    },
  ],
  "conditions": [
    [
      "tests=='true'",
      {
        "targets": [
          {
            "target_name": "kea_hooks_packets",
            "sources": [
              "native/bridge/arguments.cc",
              "native/bridge/calls.cc",
              "native/bridge/loop_descriptor.cc",
              "native/bridge/outgoing.cc",
              "native/bridge/receive_slab.cc",
              "native/bridge/sockets.cc",
              "test/native/bridge/addon.cc",
              "test/native/bridge/packet_socket.cc",
            ],
          },
        ],
      },
    ],
  ],
}
