// SPDX-License-Identifier: MPL-2.0

#include "octets.h"

#include <hook/engine/bound_duids.h>

#include <gtest/gtest.h>

using namespace kea_encryption;

namespace {

void
add(BoundDuids& bound, const Bytes& duid) {
    bound.change(channel::BOUND_ADD, toOctets(duid));
}

}  // namespace

TEST(BoundDuidsTest, whatIsAddedIsBoundUntilItIsRemoved) {
    BoundDuids bound;
    const Bytes one = {0, 3, 1};
    const Bytes two = {0, 3, 1, 0};
    EXPECT_TRUE(bound.empty());
    add(bound, one);
    ASSERT_FALSE(bound.empty());
    EXPECT_TRUE(bound.contains(toOctets(one)));
    EXPECT_FALSE(bound.contains(toOctets(two)));
    bound.change(channel::BOUND_REMOVE, toOctets(two));
    EXPECT_TRUE(bound.contains(toOctets(one)));
    bound.change(3, toOctets(one));  // which is no operation
    EXPECT_TRUE(bound.contains(toOctets(one)));
    bound.change(channel::BOUND_REMOVE, toOctets(one));
    EXPECT_TRUE(!bound.contains(toOctets(one)) && bound.empty());
}

TEST(BoundDuidsTest, aNewEnginesSetTakesTheOldOnesPlaceAtOnce) {
    BoundDuids bound;
    const Bytes old_one = {1};
    const Bytes new_one = {2};
    add(bound, old_one);
    bound.stage();
    bound.change(channel::BOUND_CLEAR, Octets());
    add(bound, new_one);
    EXPECT_TRUE(bound.contains(toOctets(old_one)) && !bound.contains(toOctets(new_one)));
    bound.commit();
    EXPECT_TRUE(!bound.contains(toOctets(old_one)) && bound.contains(toOctets(new_one)));
    bound.change(channel::BOUND_CLEAR, Octets());
    EXPECT_TRUE(bound.empty());
}

TEST(BoundDuidsTest, whatAnEngineToldBeforeItFailedToStartIsForgotten) {
    BoundDuids bound;
    const Bytes old_one = {1};
    const Bytes stray = {2};
    add(bound, old_one);
    bound.stage();
    add(bound, stray);
    bound.stage();
    add(bound, old_one);
    bound.commit();
    EXPECT_TRUE(bound.contains(toOctets(old_one)) && !bound.contains(toOctets(stray)));
}
