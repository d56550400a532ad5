import Core

/// Which addresses of the shared host are this dialect's.
enum HuggingFaceAddress {
    /// Called on event loops.
    static func claims(_ path: Substring) -> Bool {
        if path.hasPrefix("/api/") {
            // `/api/v1` is ModelScope's, and the token routes are Xet's.
            return !path.hasPrefix("/api/v1/") && !isXetToken(path)
        }
        return path == "/oauth/device" || path == "/oauth/token" || isFile(path)
    }

    /// `/api/models/{owner}/{name}/xet-read-token/…` and `xet-write-token`.
    private static func isXetToken(_ path: Substring) -> Bool {
        let parts = path.utf8.split(separator: 0x2F, maxSplits: 5)
        return parts.count > 4 && parts[4].starts(with: "xet-".utf8)
    }

    /// `/{owner}/{name}/resolve/…`, behind `/datasets` or `/spaces` too, and the same for names of one part.
    static func isFile(_ path: Substring) -> Bool {
        let parts = path.utf8.split(separator: 0x2F, maxSplits: 4)
        guard parts.count >= 3, let first = parts.first else { return false }
        let isKind = first.elementsEqual("datasets".utf8) || first.elementsEqual("spaces".utf8)
        if !isKind, first.elementsEqual("hub".utf8) || first.elementsEqual("v2".utf8) || first.elementsEqual("xet".utf8) { return false }
        return parts[1...min(isKind ? 3 : 2, parts.count - 1)].contains { $0.elementsEqual("resolve".utf8) }
    }

    /// The refusal of an address that no route takes. Names of one part, as in `/api/models/gpt2`, are
    /// legal for clients and never the name of a repo here.
    static func unserved(_ method: String, _ path: String) -> HubError {
        let parts = path.split(separator: "/")
        if parts.first == "api", parts.count >= 3, ["models", "datasets", "spaces"].contains(parts[1]),
            parts.count == 3 || verbs.contains(parts[3])
        {
            return HubError(
                .unknownRepo, "there is no \(parts[1].dropLast()) '\(FilePath.printable(parts[2]))' here: names have two parts, owner/name")
        }
        return HubError(.unknownEndpoint, "\(method) \(FilePath.printable(path)) is not supported by this server")
    }

    private static let verbs: Set<Substring> = [
        "revision", "tree", "refs", "commits", "paths-info", "preupload", "commit", "branch", "tag", "auth-check", "settings", "lfs-files",
        "super-squash", "discussions", "duplicate"
    ]
}
