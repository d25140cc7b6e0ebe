// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#include "bridge/path/der.h"

#include <algorithm>
#include <cstring>

namespace kea_encryption {
namespace bridge {

namespace {

constexpr int MAX_LEVELS = 32;

enum Tag : uint8_t {
    BOOLEAN = 0x01,
    INTEGER = 0x02,
    BIT_STRING = 0x03,
    OCTET_STRING = 0x04,
    NULL_VALUE = 0x05,
    OBJECT_IDENTIFIER = 0x06,
    ENUMERATED = 0x0a,
    UTF8_STRING = 0x0c,
    PRINTABLE_STRING = 0x13,
    IA5_STRING = 0x16,
    UTC_TIME = 0x17,
    GENERALIZED_TIME = 0x18,
    SEQUENCE = 0x30,
    SET = 0x31,
};

constexpr uint8_t CLASS_MASK = 0xc0;
constexpr uint8_t CONSTRUCTED = 0x20;
constexpr uint8_t NUMBER_MASK = 0x1f;

struct Span {
    const uint8_t* at;
    const uint8_t* end;

    size_t length() const {
        return static_cast<size_t>(end - at);
    }
};

struct Value {
    uint8_t tag;
    Span whole;
    Span contents;
};

/// Splits off the first value.
bool
split(Span& from, Value& value) {
    if (from.length() < 2 || (from.at[0] & NUMBER_MASK) == NUMBER_MASK) {
        return false;
    }
    const uint8_t* start = from.at;
    const uint8_t* contents = start + 2;
    size_t length = start[1];
    if (length >= 0x80) {
        const size_t octets = length & 0x7f;
        if (octets == 0 || octets > 4 || octets > static_cast<size_t>(from.end - contents) ||
            *contents == 0) {
            return false;
        }
        length = 0;
        for (size_t i = 0; i < octets; ++i) {
            length = (length << 8) | *contents++;
        }
        if (length < 0x80) {
            return false;
        }
    }
    if (length > static_cast<size_t>(from.end - contents)) {
        return false;
    }
    from.at = contents + length;
    value = {start[0], {start, from.at}, {contents, from.at}};
    return true;
}

bool
isMinimalInteger(const Span& contents) {
    const size_t length = contents.length();
    if (length == 0) {
        return false;
    }
    const bool sign = length > 1 && (contents.at[1] & 0x80) != 0;
    return length == 1 || (contents.at[0] == 0x00 ? sign : contents.at[0] != 0xff || !sign);
}

bool
isBitString(const Span& contents) {
    if (contents.length() == 0 || contents.at[0] > 7) {
        return false;
    }
    const unsigned unused = contents.at[0];
    if (contents.length() == 1) {
        return unused == 0;
    }
    return (contents.end[-1] & ((1u << unused) - 1)) == 0;
}

bool
isObjectIdentifier(const Span& contents) {
    if (contents.length() == 0 || (contents.end[-1] & 0x80) != 0) {
        return false;
    }
    bool first = true;
    for (const uint8_t* at = contents.at; at < contents.end; ++at) {
        if (first && *at == 0x80) {
            return false;
        }
        first = (*at & 0x80) == 0;
    }
    return true;
}

bool
isTime(const Span& contents, size_t digits) {
    return contents.length() == digits + 1 && contents.at[digits] == 'Z' &&
           std::all_of(contents.at, contents.at + digits,
                       [](uint8_t c) { return c >= '0' && c <= '9'; });
}

/// RFC 3629: no overlong forms, no surrogates, nothing beyond U+10FFFF.
bool
isUtf8(const Span& contents) {
    for (const uint8_t* at = contents.at; at < contents.end;) {
        const uint8_t first = *at++;
        if (first < 0x80) {
            continue;
        }
        const int more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
        if (first < 0xc2 || first > 0xf4 || contents.end - at < more) {
            return false;
        }
        const uint8_t lowest = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
        const uint8_t highest = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
        if (*at < lowest || *at > highest) {
            return false;
        }
        for (int i = 0; i < more; ++i, ++at) {
            if ((*at & 0xc0) != 0x80) {
                return false;
            }
        }
    }
    return true;
}

bool
isPrintable(uint8_t c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != 0 && std::strchr(" '()+,-./:=?", c) != nullptr);
}

/// Order of a SET OF (X.690 section 11.6): as octet strings, the shorter one padded with zeros.
bool
isAscending(const Span& left, const Span& right) {
    const size_t common = std::min(left.length(), right.length());
    const int order = std::memcmp(left.at, right.at, common);
    if (order != 0) {
        return order < 0;
    }
    return std::all_of(left.at + common, left.end, [](uint8_t octet) { return octet == 0; });
}

bool
isValid(const Value& value, int level);

bool
areMembers(Span contents, bool is_set, int level) {
    Span previous = {nullptr, nullptr};
    while (contents.length() != 0) {
        Value member;
        if (!split(contents, member) || !isValid(member, level) ||
            (is_set && previous.at != nullptr && !isAscending(previous, member.whole))) {
            return false;
        }
        previous = member.whole;
    }
    return true;
}

bool
isValid(const Value& value, int level) {
    if (level > MAX_LEVELS) {
        return false;
    }
    const Span& contents = value.contents;
    if ((value.tag & CLASS_MASK) != 0) {
        return (value.tag & CONSTRUCTED) == 0 || areMembers(contents, false, level + 1);
    }
    switch (value.tag) {
    case SEQUENCE:
        return areMembers(contents, false, level + 1);
    case SET:
        return areMembers(contents, true, level + 1);
    case BOOLEAN:
        return contents.length() == 1 && contents.at[0] == 0xff;
    case INTEGER:
    case ENUMERATED:
        return isMinimalInteger(contents);
    case BIT_STRING:
        return isBitString(contents);
    case NULL_VALUE:
        return contents.length() == 0;
    case OBJECT_IDENTIFIER:
        return isObjectIdentifier(contents);
    case UTF8_STRING:
        return isUtf8(contents);
    case PRINTABLE_STRING:
        return std::all_of(contents.at, contents.end, isPrintable);
    case IA5_STRING:
        return std::all_of(contents.at, contents.end, [](uint8_t c) { return c < 0x80; });
    case UTC_TIME:
        return isTime(contents, 12);
    case GENERALIZED_TIME:
        return isTime(contents, 14);
    default:
        // OCTET STRING and the other character strings, which DER wants primitive. No other type
        // has a place in RFC 5280, nor has the end-of-contents tag.
        return value.tag != 0 && (value.tag & CONSTRUCTED) == 0;
    }
}

}  // namespace

bool
isStrictDer(const uint8_t* octets, size_t length) {
    Span all = {octets, octets + length};
    Value value;
    return split(all, value) && all.length() == 0 && isValid(value, 1);
}

}  // namespace bridge
}  // namespace kea_encryption
