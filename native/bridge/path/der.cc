// SPDX-License-Identifier: MPL-2.0

#include "bridge/path/der.h"

#include "bridge/arguments.h"

#include <algorithm>
#include <cstring>

namespace kea_encryption::bridge {

namespace {

/// Certificates have about ten.
constexpr int MAX_LEVELS = 32;

/// Octets of a length: more than any file has that is read.
constexpr size_t MAX_LENGTH_OCTETS = 4;

/// Identifier octets (X.690 section 8.1.2) of all types that RFC 5280 and keys have.
enum Tag : uint8_t {
    BOOLEAN = 0x01,
    INTEGER = 0x02,
    BIT_STRING = 0x03,
    OCTET_STRING = 0x04,
    NULL_VALUE = 0x05,
    OBJECT_IDENTIFIER = 0x06,
    ENUMERATED = 0x0a,
    UTF8_STRING = 0x0c,
    NUMERIC_STRING = 0x12,
    PRINTABLE_STRING = 0x13,
    TELETEX_STRING = 0x14,
    IA5_STRING = 0x16,
    UTC_TIME = 0x17,
    GENERALIZED_TIME = 0x18,
    VISIBLE_STRING = 0x1a,
    UNIVERSAL_STRING = 0x1c,
    BMP_STRING = 0x1e,
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
    template <typename Predicate>
    bool all(Predicate predicate) const {
        return std::all_of(at, end, predicate);
    }
};

struct Value {
    uint8_t tag;
    Span whole;
    Span contents;
};

/// A problem's text; null if there is none.
using Detail = const char*;

/// Splits off the first value.
Detail
split(Span& from, Value& value) {
    if (from.length() < 2) {
        return "it ends inside a value";
    }
    if ((from.at[0] & NUMBER_MASK) == NUMBER_MASK) {
        return "a tag of more than one octet";
    }
    const uint8_t* start = from.at;
    const uint8_t* contents = start + 2;
    size_t length = start[1];
    if (length == 0x80) {
        return "an indefinite length";
    }
    if (length > 0x80) {
        const size_t octets = length & 0x7f;
        if (octets > MAX_LENGTH_OCTETS) {
            return "a length of more than four octets";
        }
        if (octets > static_cast<size_t>(from.end - contents)) {
            return "it ends inside a value";
        }
        const bool is_padded = *contents == 0;
        length = 0;
        for (size_t i = 0; i < octets; ++i) {
            length = (length << 8) | *contents++;
        }
        if (is_padded || length < 0x80) {
            return "a length that is not minimal";
        }
    }
    if (length > static_cast<size_t>(from.end - contents)) {
        return "it ends inside a value";
    }
    from.at = contents + length;
    value = {start[0], {start, from.at}, {contents, from.at}};
    return nullptr;
}

Detail
checkBoolean(const Span& contents) {
    if (contents.length() != 1 || (contents.at[0] != 0x00 && contents.at[0] != 0xff)) {
        return "a BOOLEAN that is neither 00 nor FF";
    }
    return contents.at[0] == 0x00 ? "a BOOLEAN FALSE, the default, written out" : nullptr;
}

Detail
checkInteger(const Span& contents) {
    const size_t length = contents.length();
    if (length == 0) {
        return "an INTEGER without octets";
    }
    const bool sign = length > 1 && (contents.at[1] & 0x80) != 0;
    const bool is_padded =
        length > 1 && (contents.at[0] == 0x00 ? !sign : contents.at[0] == 0xff && sign);
    return is_padded ? "an INTEGER that is not minimal" : nullptr;
}

Detail
checkBitString(const Span& contents) {
    const unsigned unused = contents.length() == 0 ? 8 : contents.at[0];
    if (unused > 7 || (contents.length() == 1 && unused != 0)) {
        return "a BIT STRING with a wrong number of unused bits";
    }
    const bool is_set = contents.length() > 1 && (contents.end[-1] & ((1u << unused) - 1)) != 0;
    return is_set ? "a BIT STRING whose unused bits are not zero" : nullptr;
}

Detail
checkObjectIdentifier(const Span& contents) {
    if (contents.length() == 0 || (contents.end[-1] & 0x80) != 0) {
        return "an OBJECT IDENTIFIER that ends early";
    }
    bool first = true;
    for (const uint8_t* at = contents.at; at < contents.end; ++at) {
        if (first && *at == 0x80) {
            return "an OBJECT IDENTIFIER that is not minimal";
        }
        first = (*at & 0x80) == 0;
    }
    return nullptr;
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

Detail
checkText(uint8_t tag, const Span& contents) {
    switch (tag) {
    case UTF8_STRING:
        return isUtf8(contents) ? nullptr : "text that is not UTF-8";
    case NUMERIC_STRING:
        return contents.all([](uint8_t c) { return c == ' ' || (c >= '0' && c <= '9'); }) ?
                   nullptr :
                   "a NumericString of other characters than digits and spaces";
    case PRINTABLE_STRING:
        return contents.all(isPrintable) ?
                   nullptr :
                   "a PrintableString with a character that has no place in one";
    case IA5_STRING:
        return contents.all([](uint8_t c) { return c < 0x80; }) ? nullptr :
                                                                  "text that is not ASCII";
    case VISIBLE_STRING:
        return contents.all([](uint8_t c) { return c >= ' ' && c < 0x7f; }) ?
                   nullptr :
                   "text that is not visible ASCII";
    case UNIVERSAL_STRING:
        return contents.length() % 4 == 0 ? nullptr : "text that is not UCS-4";
    default:
        return contents.length() % 2 == 0 ? nullptr : "text that is not UCS-2";
    }
}

Detail
checkUniversal(uint8_t tag, const Span& contents) {
    switch (tag) {
    case BOOLEAN:
        return checkBoolean(contents);
    case INTEGER:
    case ENUMERATED:
        return checkInteger(contents);
    case BIT_STRING:
        return checkBitString(contents);
    case NULL_VALUE:
        return contents.length() == 0 ? nullptr : "NULL with contents";
    case OBJECT_IDENTIFIER:
        return checkObjectIdentifier(contents);
    case OCTET_STRING:
    case TELETEX_STRING:
        return nullptr;
    case UTF8_STRING:
    case NUMERIC_STRING:
    case PRINTABLE_STRING:
    case IA5_STRING:
    case VISIBLE_STRING:
    case UNIVERSAL_STRING:
    case BMP_STRING:
        return checkText(tag, contents);
    case UTC_TIME:
        return isTime(contents, 12) ? nullptr : "a time not in the form YYMMDDHHMMSSZ";
    case GENERALIZED_TIME:
        return isTime(contents, 14) ? nullptr : "a time not in the form YYYYMMDDHHMMSSZ";
    default:
        return (tag & CONSTRUCTED) != 0 ? "a constructed value that is neither SEQUENCE nor SET" :
                                          "a type that has no place in X.509";
    }
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

class DerCheck {
public:
    explicit DerCheck(const uint8_t* start) : start_(start) {
    }

    /// Whether the octets are one value and nothing else.
    bool isOneValue(Span all) {
        const uint8_t* start = all.at;
        Value value;
        if (const Detail detail = split(all, value)) {
            return fail(start, detail);
        }
        if (all.length() != 0) {
            return fail(all.at, std::to_string(all.length()) + " octets after the end");
        }
        return isValid(value, 1);
    }

    std::optional<DerProblem> problem;

private:
    bool isValid(const Value& value, int level) {
        const bool is_universal = (value.tag & CLASS_MASK) == 0;
        const bool is_constructed = (value.tag & CONSTRUCTED) != 0;
        if (is_constructed && (!is_universal || value.tag == SEQUENCE || value.tag == SET)) {
            return level > MAX_LEVELS ? fail(value.whole.at, "nested more than 32 levels deep") :
                                        areValid(value.contents, value.tag == SET, level + 1);
        }
        const Detail detail = is_universal ? checkUniversal(value.tag, value.contents) : nullptr;
        return detail == nullptr || fail(value.whole.at, detail);
    }

    bool areValid(Span members, bool is_set, int level) {
        Span previous = {nullptr, nullptr};
        while (members.length() != 0) {
            const uint8_t* start = members.at;
            Value member;
            if (const Detail detail = split(members, member)) {
                return fail(start, detail);
            }
            if (!isValid(member, level)) {
                return false;
            }
            if (is_set && previous.at != nullptr && !isAscending(previous, member.whole)) {
                return fail(start, "a SET that is not sorted");
            }
            previous = member.whole;
        }
        return true;
    }

    bool fail(const uint8_t* at, std::string detail) {
        problem = DerProblem{static_cast<size_t>(at - start_), std::move(detail)};
        return false;
    }

    const uint8_t* const start_;
};

}  // namespace

std::optional<DerProblem>
checkDer(const uint8_t* octets, size_t length) {
    DerCheck check(octets);
    check.isOneValue({octets, octets + length});
    return check.problem;
}

std::string
textOf(const DerProblem& problem) {
    return "not DER: " + problem.detail + " (at octet " + std::to_string(problem.offset) + ")";
}

Napi::Value
derProblem(const Napi::CallbackInfo& info) {
    const Octets octets = octetsArgument(info[0], "octets");
    const std::optional<DerProblem> problem = checkDer(octets.data, octets.length);
    if (!problem) {
        return info.Env().Undefined();
    }
    Napi::Object result = Napi::Object::New(info.Env());
    result.Set("offset", static_cast<double>(problem->offset));
    result.Set("detail", problem->detail);
    return result;
}

}  // namespace kea_encryption::bridge
