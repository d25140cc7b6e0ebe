// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#include <hooks/hooks.h>

extern "C" {

/// Kea loads a library only if this equals its own version exactly.
__attribute__((visibility("default"))) int
version() {
    return (KEA_HOOKS_VERSION);
}

}  // extern "C"
