// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#ifndef KEA_ENCRYPTION_KEA_CONFIG_H
#define KEA_ENCRYPTION_KEA_CONFIG_H

/// @file kea_config.h
///
/// Some of Kea's headers want its config.h before them (in Kea 3.0 even those of dhcpsrv do), so
/// the build includes this one first everywhere. Two of its macros are as common as words.

#include <config.h>

#undef PACKAGE
#undef VERSION

#endif
