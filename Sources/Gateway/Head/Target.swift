/// Which endpoint a path names, and what is sent to its replica.
enum Target: Hashable {
    /// `/v1/endpoints/{name}/{rest}` is sent as `/{rest}`.
    case endpoint(name: Extent, rest: Extent)
    /// An OpenAI path: the body's `model` field names the endpoint.
    case openAI
    /// `/v2/models/{name}/…` of the open inference protocol, sent as it came.
    case openInference(name: Extent)
    case models
    case health
    case unknown

    static func read(_ bytes: Bytes, _ target: Extent) -> Target {
        let whole = bytes.at(target)
        let path = whole.index(of: 0x3F, from: 0).map { Bytes(rebasing: whole[0..<$0]) } ?? whole
        if path.begins(with: "/v1/") {
            if path.begins(with: "/v1/endpoints/") {
                let end = path.index(of: 0x2F, from: 14) ?? path.count
                guard end > 14 else { return .unknown }
                return .endpoint(
                    name: Extent(start: target.start + 14, end: target.start + end), rest: Extent(start: target.start + end, end: target.end))
            }
            if path.isExactly("/v1/chat/completions") || path.isExactly("/v1/completions") || path.isExactly("/v1/embeddings")
                || path.isExactly("/v1/responses")
            {
                return .openAI
            }
            return path.isExactly("/v1/models") ? .models : .unknown
        }
        if path.begins(with: "/v2/models/") {
            let end = path.index(of: 0x2F, from: 11) ?? path.count
            return end > 11 ? .openInference(name: Extent(start: target.start + 11, end: target.start + end)) : .unknown
        }
        return path.isExactly("/healthz") ? .health : .unknown
    }

    /// Whether a segment of the path is `.` or `..`, written plainly or with `%2e`: a replica that
    /// resolves it would serve another path than the one that was routed.
    static func hasDotSegment(_ path: Bytes) -> Bool {
        var dots = 0
        var others = 0
        var i = 0
        while i <= path.count {
            let byte = i < path.count ? path[i] : 0x2F
            if byte == 0x2F || byte == 0x5C || byte == 0x3F {
                if others == 0, dots == 1 || dots == 2 { return true }
                if byte == 0x3F { return false }
                dots = 0
                others = 0
            } else if byte == 0x2E {
                dots += 1
            } else if byte == 0x25, i + 2 < path.count, path[i + 1] == 0x32, path[i + 2] | 0x20 == 0x65 {
                dots += 1
                i += 2
            } else {
                others += 1
            }
            i += 1
        }
        return false
    }

    /// A host with an optional port (RFC 9110 section 7.2), without user information.
    static func checkHost(_ host: Bytes) throws(HeadFault) {
        guard host.count <= 255 else { throw .badHost }
        for byte in host {
            switch byte {
            case 0x21, 0x24, 0x26...0x2E, 0x30...0x3B, 0x3D, 0x41...0x5B, 0x5D, 0x5F, 0x61...0x7A, 0x7E, 0x25: continue
            default: throw .badHost
            }
        }
    }
}
