import Core
import HTTPTypes
import Hub
import Wire

/// What the client learns of a file from the head of an answer: it downloads by it, names the cached
/// copy after the ETag, and believes the commit.
enum ResolveHeaders {
    static let repoCommit = HTTPField.Name("X-Repo-Commit")!
    static let refreshRoute = "X-Xet-Refresh-Route"

    /// git's id of the bytes where regular, SHA-256 where LFS: the client recomputes them.
    static func etag(_ file: FileEntry) -> String { file.storage == .lfs ? EntityTag.of(file.digest) : "\"\(file.gitID.hex)\"" }

    /// - Parameter name: the repo as it was asked for.
    static func answer(_ file: LocatedFile, of name: RepoName, xetHash: HuggingFaceRoutes.XetHash) throws -> FileAnswer {
        let entry = file.entry
        var headers = [
            ("Content-Type", "application/octet-stream"),
            ("X-Content-Type-Options", "nosniff"),
            ("X-Repo-Commit", file.commit.hex),
            ("X-Linked-Size", String(entry.size)),
            ("X-Linked-Etag", etag(entry)),
            ("Content-Disposition", disposition(of: entry.path.name))
        ]
        if entry.storage == .lfs, let hash = try xetHash(entry.digest, entry.size) {
            headers.append(("X-Xet-Hash", hash))
            // Without the server's own name, which only the request knows: `completed` adds it.
            headers.append((refreshRoute, "/api/\(name.kind.plural)/\(name.path)/xet-read-token/\(file.commit.hex)"))
        }
        return FileAnswer(size: entry.size, etag: etag(entry), headers: headers)
    }

    /// The answer with absolute addresses in place of those without a host.
    static func completed(_ answer: LeanAnswer, origin: @autoclosure () -> RequestOrigin) -> LeanAnswer {
        guard let index = answer.headers.firstIndex(where: { $0.0 == refreshRoute }) else { return answer }
        var answer = answer
        let url = origin().url + answer.headers[index].1
        answer.headers[index].1 = url
        answer.headers.append(("Link", "<\(url)>; rel=\"xet-auth\""))
        return answer
    }

    /// RFC 6266: the name as it is, and one in ASCII for those who cannot read that.
    static func disposition(of name: Substring) -> String {
        let plain = String(decoding: name.unicodeScalars.map { isPlain($0) ? UInt8($0.value) : 0x3F }, as: UTF8.self)
        return "inline; filename*=UTF-8''\(encoded(name)); filename=\"\(plain)\";"
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool { (0x20...0x7E).contains(scalar.value) && scalar != "\"" && scalar != "\\" }

    private static func encoded(_ name: Substring) -> String {
        var out: [UInt8] = []
        for unit in name.utf8 {
            if unit.isASCIILetter || unit.isASCIIDigit || "-._~".utf8.contains(unit) {
                out.append(unit)
            } else {
                out += Array("%\(Hex.encode([unit]).uppercased())".utf8)
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}
