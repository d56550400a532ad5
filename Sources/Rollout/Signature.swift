package import Core
import Hashing

/// What a webhook's receiver checks: HMAC-SHA-256 under the webhook's secret over the time, a
/// full stop and the body. With the time in it an old request cannot be sent again unnoticed.
package enum Signature {
    package static let header = "X-Grayling-Signature"
    package static let timeHeader = "X-Grayling-Timestamp"

    /// The two headers of a request that leaves at `now`; the time is in seconds since 1970.
    package static func headers(of body: [UInt8], secret: String, at now: Instant) -> [String: String] {
        let time = String(now.seconds)
        let code = hmacSHA256(of: Array(time.utf8) + [0x2E] + body, key: Array(secret.utf8))
        return [header: "sha256=\(Digest(bytes: code).hex)", timeHeader: time]
    }
}
