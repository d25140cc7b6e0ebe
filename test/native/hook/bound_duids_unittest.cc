// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#include "check.h"
#include "octets.h"

#include <hook/bound_duids.h>

using namespace kea_encryption;

TEST_CASE("bound-duids/what is added is bound until it is removed") {
    BoundDuids bound;
    const Bytes one = {0, 3, 1};
    const Bytes two = {0, 3, 1, 0};
    REQUIRE(bound.empty());
    bound.add(toOctets(one));
    REQUIRE(!bound.empty());
    REQUIRE(bound.contains(toOctets(one)));
    REQUIRE(!bound.contains(toOctets(two)));
    bound.remove(toOctets(two));
    REQUIRE(bound.contains(toOctets(one)));
    bound.remove(toOctets(one));
    REQUIRE(!bound.contains(toOctets(one)) && bound.empty());
}

TEST_CASE("bound-duids/a new engine's set takes the old one's place at once") {
    BoundDuids bound;
    const Bytes old_one = {1};
    const Bytes new_one = {2};
    bound.add(toOctets(old_one));
    bound.stage();
    bound.clear();
    bound.add(toOctets(new_one));
    REQUIRE(bound.contains(toOctets(old_one)) && !bound.contains(toOctets(new_one)));
    bound.commit();
    REQUIRE(!bound.contains(toOctets(old_one)) && bound.contains(toOctets(new_one)));
    bound.clear();
    REQUIRE(bound.empty());
}

TEST_CASE("bound-duids/what an engine told before it failed to start is forgotten") {
    BoundDuids bound;
    const Bytes old_one = {1};
    const Bytes stray = {2};
    bound.add(toOctets(old_one));
    bound.stage();
    bound.add(toOctets(stray));
    bound.stage();
    bound.add(toOctets(old_one));
    bound.commit();
    REQUIRE(bound.contains(toOctets(old_one)) && !bound.contains(toOctets(stray)));
}
