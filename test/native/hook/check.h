// Copyright (C) 2026 the kea-hooks-bridge authors
//
// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at http://mozilla.org/MPL/2.0/.

#ifndef KEA_ENCRYPTION_TEST_CHECK_H
#define KEA_ENCRYPTION_TEST_CHECK_H

/// @file check.h
///
/// A small test frame, so that the native tests need no package beside kea-dev. Prints one TAP line per test.

#include <cstdio>
#include <functional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace check {

struct Test {
    std::string name;
    std::function<void()> body;
};

inline std::vector<Test> &tests() {
    static std::vector<Test> all;
    return (all);
}

struct Registration {
    Registration(const char *name, std::function<void()> body) { tests().push_back({name, std::move(body)}); }
};

[[noreturn]] inline void fail(const char *file, int line, const std::string &what) {
    std::ostringstream text;
    text << file << ":" << line << ": " << what;
    throw std::runtime_error(text.str());
}

template <typename A, typename B>
void equal(const char *file, int line, const char *expression, const A &expected, const B &actual) {
    if (!(expected == actual)) {
        std::ostringstream text;
        text << expression << " is " << actual << ", expected " << expected;
        fail(file, line, text.str());
    }
}

} // namespace check

/// TEST_CASE("name") { ... }
#define TEST_CASE(name) CHECK_CASE_(name, __LINE__)
#define CHECK_CASE_(name, line) CHECK_CASE_AT_(name, line)
#define CHECK_CASE_AT_(name, line)                                                                           \
    static void check_body_##line();                                                                         \
    static const check::Registration check_registration_##line(name, check_body_##line);                     \
    static void check_body_##line()

#define REQUIRE(condition)                                                                                   \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            check::fail(__FILE__, __LINE__, #condition " does not hold");                                    \
        }                                                                                                    \
    } while (false)

#define REQUIRE_EQUAL(expected, actual) check::equal(__FILE__, __LINE__, #actual, expected, actual)

#define REQUIRE_THROWS(exception, statement)                                                                 \
    do {                                                                                                     \
        bool thrown_ = false;                                                                                \
        try {                                                                                                \
            statement;                                                                                       \
        } catch (const exception &) {                                                                        \
            thrown_ = true;                                                                                  \
        }                                                                                                    \
        if (!thrown_) {                                                                                      \
            check::fail(__FILE__, __LINE__, #statement " throws no " #exception);                            \
        }                                                                                                    \
    } while (false)

#endif
