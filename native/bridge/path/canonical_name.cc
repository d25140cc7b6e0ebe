// SPDX-License-Identifier: MPL-2.0

#include "bridge/path/canonical_name.h"

#include "bridge/arguments.h"

#include <openssl/asn1.h>
#include <openssl/crypto.h>
#include <openssl/err.h>

#include <new>
#include <string>

namespace kea_encryption::bridge {

namespace {

using NamePointer = std::unique_ptr<X509_NAME, Release<X509_NAME, X509_NAME_free>>;
using EntryPointer =
    std::unique_ptr<X509_NAME_ENTRY, Release<X509_NAME_ENTRY, X509_NAME_ENTRY_free>>;

/// The types of string that are compared as text; others are compared as they are.
bool
isText(const ASN1_STRING* value) {
    switch (ASN1_STRING_type(value)) {
    case V_ASN1_UTF8STRING:
    case V_ASN1_BMPSTRING:
    case V_ASN1_UNIVERSALSTRING:
    case V_ASN1_PRINTABLESTRING:
    case V_ASN1_T61STRING:
    case V_ASN1_IA5STRING:
    case V_ASN1_VISIBLESTRING:
        return true;
    default:
        return false;
    }
}

/// Of ASCII, whatever the locale.
bool
isSpace(unsigned char octet) {
    return octet == ' ' || (octet >= '\t' && octet <= '\r');
}

/// UTF-8 without white space at its ends, one blank for any inside, and ASCII letters small.
std::string
folded(const unsigned char* text, size_t length) {
    std::string result;
    bool is_space_due = false;
    for (size_t i = 0; i < length; ++i) {
        const unsigned char octet = text[i];
        if (isSpace(octet)) {
            is_space_due = !result.empty();
            continue;
        }
        if (is_space_due) {
            result += ' ';
            is_space_due = false;
        }
        result += static_cast<char>(octet >= 'A' && octet <= 'Z' ? octet + ('a' - 'A') : octet);
    }
    return result;
}

EntryPointer
canonicalEntry(const X509_NAME_ENTRY* entry) {
    EntryPointer copy(X509_NAME_ENTRY_dup(const_cast<X509_NAME_ENTRY*>(entry)));
    if (!copy) {
        throw std::bad_alloc();
    }
    const ASN1_STRING* value = X509_NAME_ENTRY_get_data(entry);
    if (!isText(value)) {
        return copy;
    }
    unsigned char* utf8 = nullptr;
    const int length = ASN1_STRING_to_UTF8(&utf8, value);
    if (length < 0) {
        throw std::bad_alloc();  // A name whose text cannot be converted has not been parsed
                                 // either.
    }
    const std::string text = folded(utf8, static_cast<size_t>(length));
    OPENSSL_free(utf8);
    if (X509_NAME_ENTRY_set_data(copy.get(), V_ASN1_UTF8STRING,
                                 reinterpret_cast<const unsigned char*>(text.data()),
                                 static_cast<int>(text.size())) != 1) {
        throw std::bad_alloc();
    }
    return copy;
}

}  // namespace

OctetString
canonicalName(const X509_NAME* name) {
    const NamePointer canonical(X509_NAME_new());
    if (!canonical) {
        throw std::bad_alloc();
    }
    int last_set = -1;
    for (int i = 0; i < X509_NAME_entry_count(name); ++i) {
        const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, i);
        const int set = X509_NAME_ENTRY_set(entry);
        // -1 puts it into the same RelativeDistinguishedName as the entry before it.
        if (X509_NAME_add_entry(canonical.get(), canonicalEntry(entry).get(), -1,
                                set == last_set ? -1 : 0) != 1) {
            throw std::bad_alloc();
        }
        last_set = set;
    }
    unsigned char* der = nullptr;
    const int length = i2d_X509_NAME(canonical.get(), &der);
    if (length < 0) {
        throw std::bad_alloc();
    }
    OctetString octets(der, der + length);
    OPENSSL_free(der);
    return octets;
}

Napi::Value
canonicalName(const Napi::CallbackInfo& info) {
    const ErrorQueueMark mark;
    const Octets octets = octetsArgument(info[0], "name");
    const unsigned char* at = octets.data;
    const NamePointer name(d2i_X509_NAME(nullptr, &at, static_cast<long>(octets.length)));
    if (!name || at != octets.data + octets.length) {
        return Napi::Buffer<uint8_t>::Copy(info.Env(), octets.data, octets.length);
    }
    const OctetString canonical = canonicalName(name.get());
    return Napi::Buffer<uint8_t>::Copy(info.Env(), canonical.data(), canonical.size());
}

}  // namespace kea_encryption::bridge
