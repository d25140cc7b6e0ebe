// SPDX-License-Identifier: MPL-2.0

#pragma once

// Some of Kea's headers want its config.h before them (in Kea 3.0 even those of dhcpsrv do), so
// the build includes this one first everywhere. Two of its macros are as common as words.

#include <config.h>

#undef PACKAGE
#undef VERSION
