/// One header line of a head, as offsets into it, and what the gateway knows it as.
struct Field {
    var name: Extent
    /// Without the blanks around it.
    var value: Extent
    /// From the name to behind the line's CRLF.
    var line: Extent
    var kind: Kind
    /// Named in the Connection header: meant for one connection alone.
    var isNamed = false

    enum Kind: UInt8 {
        case other
        // Framing and the connection's own (RFC 9110 section 7.6.1, RFC 9112 section 9).
        case host, connection, contentLength, transferEncoding, expect, upgrade, keepAlive, proxyConnection, te, trailer
        case proxyAuthenticate, proxyAuthorization, http2Settings
        // Who asks, and for whom.
        case authorization, apiKey, cookie, contentType, requestID, forwardedFor, forwardedProto, forwardedHost, shadow
        // What only the gateway may say of an answer.
        case endpoint, modelVersion, modelDigest, variant, routeGeneration

        /// Meant for one connection alone.
        var isHopByHop: Bool {
            switch self {
            case .connection, .upgrade, .keepAlive, .proxyConnection, .te, .proxyAuthenticate, .proxyAuthorization, .http2Settings: true
            default: false
            }
        }

        init(_ name: Bytes) {
            self = .other
            switch name.count {
            case 2: if name.isText("te") { self = .te }
            case 4: if name.isText("host") { self = .host }
            case 6:
                if name.isText("expect") { self = .expect } else if name.isText("cookie") { self = .cookie }
            case 7:
                if name.isText("upgrade") { self = .upgrade } else if name.isText("trailer") { self = .trailer }
            case 8: if name.isText("x-shadow") { self = .shadow }
            case 9:
                if name.isText("x-api-key") { self = .apiKey } else if name.isText("x-variant") { self = .variant }
            case 10:
                if name.isText("connection") {
                    self = .connection
                } else if name.isText("keep-alive") {
                    self = .keepAlive
                } else if name.isText("x-endpoint") {
                    self = .endpoint
                }
            case 12:
                if name.isText("content-type") { self = .contentType } else if name.isText("x-request-id") { self = .requestID }
            case 13: if name.isText("authorization") { self = .authorization }
            case 14:
                if name.isText("content-length") {
                    self = .contentLength
                } else if name.isText("x-model-digest") {
                    self = .modelDigest
                } else if name.isText("http2-settings") {
                    self = .http2Settings
                }
            case 15:
                if name.isText("x-forwarded-for") { self = .forwardedFor } else if name.isText("x-model-version") { self = .modelVersion }
            case 16:
                if name.isText("proxy-connection") {
                    self = .proxyConnection
                } else if name.isText("x-forwarded-host") {
                    self = .forwardedHost
                }
            case 17:
                if name.isText("transfer-encoding") { self = .transferEncoding } else if name.isText("x-forwarded-proto") { self = .forwardedProto }
            case 18:
                if name.isText("proxy-authenticate") {
                    self = .proxyAuthenticate
                } else if name.isText("x-route-generation") {
                    self = .routeGeneration
                }
            case 19: if name.isText("proxy-authorization") { self = .proxyAuthorization }
            default: break
            }
        }
    }
}
