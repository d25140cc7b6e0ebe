// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#include "octets.h"

#include <hook/engine/bound_duids.h>

#include <gtest/gtest.h>

using namespace kea_encryption;

TEST(BoundDuidsTest, whatIsAddedIsBoundUntilItIsRemoved) {
    BoundDuids bound;
    const Bytes one = {0, 3, 1};
    const Bytes two = {0, 3, 1, 0};
    EXPECT_TRUE(bound.empty());
    bound.add(toOctets(one));
    ASSERT_FALSE(bound.empty());
    EXPECT_TRUE(bound.contains(toOctets(one)));
    EXPECT_FALSE(bound.contains(toOctets(two)));
    bound.remove(toOctets(two));
    EXPECT_TRUE(bound.contains(toOctets(one)));
    bound.remove(toOctets(one));
    EXPECT_TRUE(!bound.contains(toOctets(one)) && bound.empty());
}

TEST(BoundDuidsTest, aNewEnginesSetTakesTheOldOnesPlaceAtOnce) {
    BoundDuids bound;
    const Bytes old_one = {1};
    const Bytes new_one = {2};
    bound.add(toOctets(old_one));
    bound.stage();
    bound.clear();
    bound.add(toOctets(new_one));
    EXPECT_TRUE(bound.contains(toOctets(old_one)) && !bound.contains(toOctets(new_one)));
    bound.commit();
    EXPECT_TRUE(!bound.contains(toOctets(old_one)) && bound.contains(toOctets(new_one)));
    bound.clear();
    EXPECT_TRUE(bound.empty());
}

TEST(BoundDuidsTest, whatAnEngineToldBeforeItFailedToStartIsForgotten) {
    BoundDuids bound;
    const Bytes old_one = {1};
    const Bytes stray = {2};
    bound.add(toOctets(old_one));
    bound.stage();
    bound.add(toOctets(stray));
    bound.stage();
    bound.add(toOctets(old_one));
    bound.commit();
    EXPECT_TRUE(bound.contains(toOctets(old_one)) && !bound.contains(toOctets(stray)));
}
