// SPDX-License-Identifier: MPL-2.0

#include "bridge/path/name_rules.h"

#include <algorithm>
#include <string_view>

namespace kea_encryption::bridge {

namespace {

std::string_view
textOf(const ASN1_STRING* string) {
    return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
            static_cast<size_t>(ASN1_STRING_length(string))};
}

std::string_view
without(std::string_view prefix, std::string_view text) {
    return text.substr(0, prefix.size()) == prefix ? text.substr(prefix.size()) : text;
}

bool
isLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool
isDigit(char c) {
    return c >= '0' && c <= '9';
}

/// RFC 1034 section 3.5 as RFC 1123 section 2.1 has it.
bool
isLabel(std::string_view label) {
    return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
           std::all_of(label.begin(), label.end(),
                       [](char c) { return isLetter(c) || isDigit(c) || c == '-'; });
}

bool
isDomain(std::string_view name) {
    if (name.size() > 253) {
        return false;
    }
    for (;;) {
        const size_t dot = name.find('.');
        if (!isLabel(name.substr(0, dot))) {
            return false;
        }
        if (dot == std::string_view::npos) {
            return true;
        }
        name.remove_prefix(dot + 1);
    }
}

bool
isVisible(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

bool
isMailbox(std::string_view text) {
    const size_t at = text.rfind('@');
    return at != std::string_view::npos && at > 0 && isVisible(text.substr(0, at)) &&
           isDomain(text.substr(at + 1));
}

/// A scheme, a colon, and something behind it (RFC 3986 section 3); never a relative reference.
bool
isUri(std::string_view text) {
    const size_t colon = text.find(':');
    if (colon == std::string_view::npos || colon + 1 == text.size() || !isLetter(text.front())) {
        return false;
    }
    const std::string_view scheme = text.substr(0, colon);
    return isVisible(text) && std::all_of(scheme.begin(), scheme.end(), [](char c) {
               return isLetter(c) || isDigit(c) || c == '+' || c == '-' || c == '.';
           });
}

/// An address and a mask of as many octets, in which no one follows a zero (RFC 4632).
bool
isPrefix(std::string_view octets) {
    if (octets.size() != 8 && octets.size() != 32) {
        return false;
    }
    bool ended = false;
    for (const char octet : octets.substr(octets.size() / 2)) {
        for (int bit = 7; bit >= 0; --bit) {
            const bool one = ((octet >> bit) & 1) != 0;
            if (one && ended) {
                return false;
            }
            ended = !one;
        }
    }
    return true;
}

}  // namespace

bool
isWellFormedName(const GENERAL_NAME& name) {
    switch (name.type) {
    case GEN_DNS:
        return isDomain(without("*.", textOf(name.d.dNSName)));
    case GEN_EMAIL:
        return isMailbox(textOf(name.d.rfc822Name));
    case GEN_URI:
        return isUri(textOf(name.d.uniformResourceIdentifier));
    case GEN_IPADD: {
        const int length = ASN1_STRING_length(name.d.iPAddress);
        return length == 4 || length == 16;
    }
    case GEN_DIRNAME:
        return X509_NAME_entry_count(name.d.directoryName) > 0;
    default:
        return true;
    }
}

bool
isWellFormedConstraint(const GENERAL_NAME& base) {
    switch (base.type) {
    case GEN_DNS: {
        const std::string_view text = textOf(base.d.dNSName);
        return text.empty() || isDomain(text);
    }
    case GEN_EMAIL: {
        const std::string_view text = textOf(base.d.rfc822Name);
        return text.find('@') != std::string_view::npos ? isMailbox(text) :
                                                          isDomain(without(".", text));
    }
    case GEN_URI:
        return isDomain(without(".", textOf(base.d.uniformResourceIdentifier)));
    case GEN_IPADD:
        return isPrefix(textOf(base.d.iPAddress));
    default:
        return true;
    }
}

}  // namespace kea_encryption::bridge
