// SPDX-License-Identifier: MPL-2.0

#include "user_context.h"

using isc::data::ConstElementPtr;
using isc::data::Element;

namespace kea_encryption {

namespace {

const char* const MODE_NAME = "mode";

/// @brief The modes' names, in the order of channel::Mode.
const char* const MODE_NAMES[] = {"off", "optional", "encrypted", "authenticated"};

}  // namespace

const char* const USER_CONTEXT_NAME = "encryption";

ConstElementPtr
memberOf(const ConstElementPtr& element, const char* name) {
    const bool is_map = element && element->getType() == Element::map;
    return (is_map ? element->get(name) : ConstElementPtr());
}

channel::Mode
readMode(const ConstElementPtr& value) {
    for (uint8_t mode = channel::MODE_OFF; mode < channel::MODE_AUTHENTICATED; ++mode) {
        if (value && value->getType() == Element::string &&
            value->stringValue() == MODE_NAMES[mode]) {
            return (static_cast<channel::Mode>(mode));
        }
    }
    return (channel::MODE_AUTHENTICATED);
}

std::optional<channel::Mode>
namedMode(const ConstElementPtr& user_context) {
    const ConstElementPtr own = memberOf(user_context, USER_CONTEXT_NAME);
    const ConstElementPtr mode = memberOf(own, MODE_NAME);
    if (!own || (own->getType() == Element::map && !mode)) {
        return (std::nullopt);
    }
    return (readMode(mode));
}

const char*
modeName(channel::Mode mode) {
    return (MODE_NAMES[mode]);
}

}  // namespace kea_encryption
