// SPDX-License-Identifier: MPL-2.0

#include "bridge/path/path_validation.h"

#include "bridge/path/crl_rules.h"
#include "bridge/path/key_rules.h"

#include <openssl/bio.h>
#include <openssl/err.h>

#include <algorithm>
#include <new>
#include <utility>

namespace kea_encryption::bridge {

namespace {

/// Certificates between end entity and trust anchor.
constexpr int MAX_DEPTH = 8;

/// Comparisons of a name with a subtree that one path may cost.
constexpr size_t MAX_NAME_COMPARISONS = 50000;

constexpr size_t MAX_NAME_LENGTH = 256;

/// In the form of RFC 4514, with everything escaped that is not printable ASCII.
std::string
textOf(const X509_NAME* name) {
    const std::unique_ptr<BIO, Release<BIO, BIO_vfree>> text(BIO_new(BIO_s_mem()));
    if (!text) {
        return {};
    }
    X509_NAME_print_ex(text.get(), name, 0, XN_FLAG_RFC2253);
    const char* data = nullptr;
    const long length = BIO_get_mem_data(text.get(), &data);
    std::string octets(data, static_cast<size_t>(std::max(0L, length)));
    if (octets.size() > MAX_NAME_LENGTH) {
        octets.resize(MAX_NAME_LENGTH);
        octets += "…";
    }
    return octets;
}

std::string
subjectOf(const X509* certificate) {
    const std::string subject = textOf(X509_get_subject_name(certificate));
    return subject.empty() ? "no subject" : subject;
}

/// @param certificate null if it cannot be read
std::string
placeOf(int depth, const X509* certificate) {
    const std::string place = "certificate " + std::to_string(depth);
    return certificate == nullptr ? place : place + " (" + subjectOf(certificate) + ")";
}

PathVerdict
refusal(int depth, const X509* certificate, Rule rule, const std::string& detail) {
    PathVerdict verdict;
    verdict.depth = depth;
    verdict.rule = rule;
    verdict.message = placeOf(depth, certificate) + ": " + detail;
    return verdict;
}

/// One verification by OpenSSL.
class Attempt {
public:
    Attempt(const TrustStore& store,
            const PathRequest& request,
            X509* end_entity,
            STACK_OF(X509) * untrusted,
            bool with_crls)
        : store_(store), request_(request), context_(X509_STORE_CTX_new()) {
        if (!context_ ||
            X509_STORE_CTX_init(context_.get(), store.anchors(), end_entity, untrusted) != 1) {
            throw std::bad_alloc();
        }
        X509_STORE_CTX_set_app_data(context_.get(), this);
        X509_STORE_CTX_set_verify_cb(context_.get(), onVerify);
        setParameters(with_crls);
        if (with_crls) {
            X509_STORE_CTX_set0_crls(context_.get(), store.crls());
        }
    }

    /// @return accepted, or the first rule that was broken
    PathVerdict run() {
        const int result = X509_verify_cert(context_.get());
        if (has_failed_) {
            return failure_;
        }
        if (result != 1) {
            const int error = X509_STORE_CTX_get_error(context_.get());
            return refusal(X509_STORE_CTX_get_error_depth(context_.get()),
                           X509_STORE_CTX_get_current_cert(context_.get()), ruleOfError(error),
                           X509_verify_cert_error_string(error));
        }
        PathVerdict verdict;
        verdict.accepted = true;
        return verdict;
    }

    STACK_OF(X509) * path() const {
        return X509_STORE_CTX_get0_chain(context_.get());
    }

private:
    void setParameters(bool with_crls) {
        X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context_.get());
        unsigned long flags =
            X509_V_FLAG_X509_STRICT | X509_V_FLAG_POLICY_CHECK | X509_V_FLAG_PARTIAL_CHAIN;
        if (with_crls) {
            flags |= X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL |
                     X509_V_FLAG_EXTENDED_CRL_SUPPORT | X509_V_FLAG_USE_DELTAS;
        }
        flags |= request_.require_explicit_policy ? X509_V_FLAG_EXPLICIT_POLICY : 0;
        flags |= request_.inhibit_policy_mapping ? X509_V_FLAG_INHIBIT_MAP : 0;
        flags |= request_.inhibit_any_policy ? X509_V_FLAG_INHIBIT_ANY : 0;
        X509_VERIFY_PARAM_set_flags(parameters, flags);
        X509_VERIFY_PARAM_set_time(parameters, request_.time);
        X509_VERIFY_PARAM_set_depth(parameters, MAX_DEPTH);
        X509_VERIFY_PARAM_set_auth_level(parameters, request_.security_level);
        if (request_.purpose != Purpose::ANY) {
            X509_VERIFY_PARAM_set_purpose(parameters, request_.purpose == Purpose::CLIENT ?
                                                          X509_PURPOSE_SSL_CLIENT :
                                                          X509_PURPOSE_SSL_SERVER);
        }
        // Without a set OpenSSL would take the user-initial-policy-set for empty and not for
        // any-policy.
        for (const std::string& policy : request_.policies) {
            ObjectPointer object(OBJ_txt2obj(policy.c_str(), 1));
            if (!object || X509_VERIFY_PARAM_add0_policy(parameters, object.get()) != 1) {
                throw std::bad_alloc();
            }
            object.release();
        }
    }

    /// Called with 0 for each rule that OpenSSL finds broken, and with 1 for each certificate whose
    /// signature is good, trust anchor first; also for the path of a CRL's issuer, whose context
    /// hangs below ours.
    static int onVerify(int ok, X509_STORE_CTX* context) {
        X509_STORE_CTX* ours = context;
        while (X509_STORE_CTX* parent = X509_STORE_CTX_get0_parent_ctx(ours)) {
            ours = parent;
        }
        auto& self = *static_cast<Attempt*>(X509_STORE_CTX_get_app_data(ours));
        const bool is_crl_issuer = ours != context;
        if ((is_crl_issuer || (ok == 0 && isAboutCrl(context))) && !self.needsCrl(ours)) {
            X509_STORE_CTX_set_error(context, X509_V_OK);
            return 1;
        }
        const bool good = ok != 0 ? self.checkCertificate(context, is_crl_issuer) :
                                    self.tolerates(context) || self.recordError(context, ours);
        return good ? 1 : 0;
    }

    static bool isAboutCrl(X509_STORE_CTX* context) {
        return X509_STORE_CTX_get0_current_crl(context) != nullptr ||
               isRevocationError(X509_STORE_CTX_get_error(context));
    }

    /// OpenSSL looks up either the end entity alone or every certificate of the path, the trust
    /// anchor too.
    bool needsCrl(X509_STORE_CTX* ours) const {
        const int depth = X509_STORE_CTX_get_error_depth(ours);
        STACK_OF(X509)* path = X509_STORE_CTX_get0_chain(ours);
        return depth < sk_X509_num(path) - 1 && (request_.revocation == Revocation::ALL ||
                                                 store_.speaksFor(sk_X509_value(path, depth)));
    }

    bool checkCertificate(X509_STORE_CTX* context, bool is_crl_issuer) {
        const X509* certificate = X509_STORE_CTX_get_current_cert(context);
        STACK_OF(X509)* path = X509_STORE_CTX_get0_chain(context);
        const int depth = X509_STORE_CTX_get_error_depth(context);
        const int anchor = sk_X509_num(path) - 1;
        CheckResult violation = checkOnPath(certificate, depth == anchor, request_.lenient_issuers);
        if (!violation && depth > 0) {
            violation = checkAuthority(certificate);
        }
        if (!violation && is_crl_issuer && depth == 0) {
            violation = checkAuthorityKey(certificate);
        }
        if (!violation && depth == anchor) {
            violation = checkNameComparisons(path);
        }
        if (!violation) {
            return true;
        }
        return record(
            refusal(depth, certificate, violation->rule,
                    (is_crl_issuer ? "on the path of a CRL's issuer: " : "") + violation->detail));
    }

    static CheckResult checkNameComparisons(STACK_OF(X509) * path) {
        size_t names = 0;
        size_t comparisons = 0;
        for (int i = 0; i < sk_X509_num(path); ++i) {
            comparisons += names * countSubtrees(sk_X509_value(path, i));
            names += countNames(sk_X509_value(path, i));
        }
        if (comparisons > MAX_NAME_COMPARISONS) {
            return Violation{Rule::TOO_COMPLEX, "its path needs " + std::to_string(comparisons) +
                                                    " comparisons for name constraints"};
        }
        return std::nullopt;
    }

    /// Verification errors accepted by policy.
    bool tolerates(X509_STORE_CTX* context) const {
        bool tolerated = false;
        switch (X509_STORE_CTX_get_error(context)) {
        case X509_V_ERR_CERT_HAS_EXPIRED:
            // The last second of the validity period belongs to it (RFC 5280 section 4.1.2.5).
            tolerated =
                ASN1_TIME_cmp_time_t(X509_get0_notAfter(X509_STORE_CTX_get_current_cert(context)),
                                     request_.time) == 0;
            break;
        case X509_V_ERR_MISSING_AUTHORITY_KEY_IDENTIFIER:
        case X509_V_ERR_MISSING_SUBJECT_KEY_IDENTIFIER:
            // RFC 5280 section 6 does without; checkOnPath() has looked at those that are there.
            tolerated = true;
            break;
        case X509_V_ERR_CA_BCONS_NOT_CRITICAL:
            // Section 4.2.1.9 obliges CAs to it; 6.1.4 (k) asks only that it is there.
            // authorityWarning() tells.
            tolerated = true;
            break;
        default:
            break;
        }
        if (tolerated) {
            X509_STORE_CTX_set_error(context, X509_V_OK);
        }
        return tolerated;
    }

    bool recordError(X509_STORE_CTX* context, X509_STORE_CTX* ours) {
        const int error = X509_STORE_CTX_get_error(context);
        if (context == ours) {
            return record(refusal(X509_STORE_CTX_get_error_depth(context),
                                  X509_STORE_CTX_get_current_cert(context), ruleOfError(error),
                                  X509_verify_cert_error_string(error)));
        }
        return record(refusal(X509_STORE_CTX_get_error_depth(ours),
                              X509_STORE_CTX_get_current_cert(ours), Rule::CRL_ISSUER,
                              "the path of its CRL's issuer (" +
                                  subjectOf(X509_STORE_CTX_get_current_cert(context)) +
                                  "): " + X509_verify_cert_error_string(error)));
    }

    /// Keeps the first failure.
    bool record(PathVerdict failure) {
        if (!has_failed_) {
            has_failed_ = true;
            failure_ = std::move(failure);
        }
        return false;
    }

    const TrustStore& store_;
    const PathRequest& request_;
    StoreContextPointer context_;
    bool has_failed_ = false;
    PathVerdict failure_;
};

/// CRLs of an issuer on the path that cannot be used: what they say may be what the usable ones
/// leave out.
PathVerdict
checkUnusableCrls(const TrustStore& store, STACK_OF(X509) * path) {
    for (const TrustStore::UnusableCrl& unusable : store.unusableCrls()) {
        for (int depth = 0; depth < sk_X509_num(path) - 1; ++depth) {
            const X509* certificate = sk_X509_value(path, depth);
            if (X509_NAME_cmp(X509_CRL_get_issuer(unusable.crl.get()),
                              X509_get_issuer_name(certificate)) == 0) {
                return refusal(depth, certificate, unusable.violation.rule,
                               "a CRL of its issuer cannot be used: " + unusable.violation.detail);
            }
        }
    }
    PathVerdict verdict;
    verdict.accepted = true;
    return verdict;
}

/// Whether a complete CRL of the same issuer is as new as the delta CRL.
bool
isSuperseded(STACK_OF(X509_CRL) * crls, const X509_CRL* delta) {
    const IntegerPointer number = crlNumber(delta);
    for (int i = 0; i < sk_X509_CRL_num(crls); ++i) {
        const X509_CRL* complete = sk_X509_CRL_value(crls, i);
        if (!isDelta(complete) && X509_CRL_match(complete, delta) != 0 &&
            X509_NAME_cmp(X509_CRL_get_issuer(complete), X509_CRL_get_issuer(delta)) == 0) {
            const IntegerPointer complete_number = crlNumber(complete);
            if (complete_number && ASN1_INTEGER_cmp(complete_number.get(), number.get()) >= 0) {
                return true;
            }
        }
    }
    return false;
}

/// OpenSSL looks into delta CRLs only if certificate or CRL point to them (freshestCRL). Anyone who
/// configures one means it to count.
PathVerdict
checkDeltas(const TrustStore& store, STACK_OF(X509) * path) {
    for (int i = 0; i < sk_X509_CRL_num(store.crls()); ++i) {
        X509_CRL* delta = sk_X509_CRL_value(store.crls(), i);
        if (!isDelta(delta) || isSuperseded(store.crls(), delta)) {
            continue;
        }
        for (int depth = 0; depth < sk_X509_num(path) - 1; ++depth) {
            X509* certificate = sk_X509_value(path, depth);
            X509_REVOKED* entry = nullptr;
            // 1 for an entry that revokes, 2 for one that takes a revocation back.
            if (X509_CRL_get0_by_cert(delta, &entry, certificate) == 1) {
                return refusal(depth, certificate, Rule::REVOKED,
                               "certificate revoked, says a delta CRL");
            }
        }
    }
    PathVerdict verdict;
    verdict.accepted = true;
    return verdict;
}

/// @return accepted, with nothing verified yet
PathVerdict
parseChain(const std::vector<OctetString>& chain, std::vector<CertificatePointer>& certificates) {
    if (chain.empty()) {
        return refusal(0, nullptr, Rule::NO_CERTIFICATE, "there is none");
    }
    if (chain.size() > MAX_CERTIFICATES) {
        return refusal(0, nullptr, Rule::TOO_MANY_CERTIFICATES,
                       std::to_string(chain.size()) + " certificates, more than " +
                           std::to_string(MAX_CERTIFICATES));
    }
    for (size_t i = 0; i < chain.size(); ++i) {
        const int depth = static_cast<int>(i);
        CheckResult violation;
        CertificatePointer certificate =
            parseCertificate(chain[i].data(), chain[i].size(), violation);
        if (!certificate) {
            return refusal(depth, nullptr, violation->rule, violation->detail);
        }
        violation = checkBounds(certificate.get());
        if (violation) {
            return refusal(depth, certificate.get(), violation->rule, violation->detail);
        }
        certificates.push_back(std::move(certificate));
    }
    PathVerdict verdict;
    verdict.accepted = true;
    return verdict;
}

bool
needsCrls(const TrustStore& store, Revocation revocation, STACK_OF(X509) * path) {
    bool needed = revocation == Revocation::ALL;
    for (int depth = 0; revocation == Revocation::LISTED && depth < sk_X509_num(path) - 1;
         ++depth) {
        needed = needed || store.speaksFor(sk_X509_value(path, depth));
    }
    return needed;
}

/// An ASN1_TIME that was valid when it was compared.
time_t
secondsOf(const ASN1_TIME* time) {
    tm parts{};
    return ASN1_TIME_to_tm(time, &parts) == 1 ? timegm(&parts) : 0;
}

/// The complete CRLs without a number of an issuer on the path.
std::vector<std::string>
crlWarnings(const TrustStore& store, STACK_OF(X509) * path) {
    std::vector<std::string> warnings;
    for (int i = 0; i < sk_X509_CRL_num(store.crls()); ++i) {
        const X509_CRL* crl = sk_X509_CRL_value(store.crls(), i);
        bool is_of_path = false;
        for (int depth = 0; depth < sk_X509_num(path) - 1; ++depth) {
            const X509_NAME* issuer = X509_get_issuer_name(sk_X509_value(path, depth));
            is_of_path = is_of_path || X509_NAME_cmp(X509_CRL_get_issuer(crl), issuer) == 0;
        }
        if (is_of_path && X509_CRL_get_ext_by_NID(crl, NID_crl_number, -1) < 0) {
            warnings.push_back("the CRL of " + textOf(X509_CRL_get_issuer(crl)) +
                               ": no CRL number (RFC 5280 section 5.2.3)");
        }
    }
    return warnings;
}

PathVerdict
acceptance(const TrustStore& store, Revocation revocation, STACK_OF(X509) * path) {
    PathVerdict verdict;
    verdict.accepted = true;
    if (revocation != Revocation::NONE) {
        verdict.warnings = crlWarnings(store, path);
    }
    const int anchor = sk_X509_num(path) - 1;
    for (int depth = 0; depth <= anchor; ++depth) {
        const X509* certificate = sk_X509_value(path, depth);
        const time_t not_after = secondsOf(X509_get0_notAfter(certificate));
        verdict.not_after = depth == 0 ? not_after : std::min(verdict.not_after, not_after);
        if (depth < anchor) {
            verdict.path.push_back(certificateDigest(certificate));
        }
        if (depth > 0) {
            if (const std::optional<std::string> warning = authorityWarning(certificate)) {
                verdict.warnings.push_back(placeOf(depth, certificate) + ": " + *warning);
            }
        }
    }
    return verdict;
}

PathVerdict
verify(const TrustStore& store, const PathRequest& request) {
    std::vector<CertificatePointer> certificates;
    PathVerdict verdict = parseChain(request.chain, certificates);
    if (!verdict.accepted) {
        return verdict;
    }
    X509* end_entity = certificates.front().get();
    CheckResult violation = checkOnPath(end_entity, false, request.lenient_issuers);
    if (!violation) {
        violation = checkEndEntity(end_entity, request.purpose, request.decrypts);
    }
    if (violation) {
        return refusal(0, end_entity, violation->rule, violation->detail);
    }
    const CertificateStack untrusted(sk_X509_new_null());
    for (size_t i = 1; i < certificates.size(); ++i) {
        sk_X509_push(untrusted.get(), certificates[i].get());
    }
    for (const CertificatePointer& intermediate : store.intermediates()) {
        sk_X509_push(untrusted.get(), intermediate.get());
    }
    Attempt without_crls(store, request, end_entity, untrusted.get(), false);
    verdict = without_crls.run();
    if (!verdict.accepted) {
        return verdict;
    }
    STACK_OF(X509)* path = without_crls.path();
    const int anchor = sk_X509_num(path) - 1;
    if (anchor < 1 || X509_cmp(sk_X509_value(path, anchor), end_entity) == 0) {
        return refusal(0, end_entity, Rule::END_ENTITY_IS_TRUST_ANCHOR,
                       "the end entity is itself a trust anchor");
    }
    if (!needsCrls(store, request.revocation, path)) {
        return acceptance(store, request.revocation, path);
    }
    verdict = checkUnusableCrls(store, path);
    if (!verdict.accepted) {
        return verdict;
    }
    Attempt with_crls(store, request, end_entity, untrusted.get(), true);
    verdict = with_crls.run();
    if (verdict.accepted) {
        verdict = checkDeltas(store, with_crls.path());
    }
    return verdict.accepted ? acceptance(store, request.revocation, with_crls.path()) : verdict;
}

}  // namespace

PathVerdict
validatePath(const TrustStore& store, const PathRequest& request) {
    const ErrorQueueMark mark;
    PathVerdict verdict = verify(store, request);
    ERR_clear_error();
    return verdict;
}

}  // namespace kea_encryption::bridge
