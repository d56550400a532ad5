package import Core

/// A file as HTTP sees it, and the one place where conditional and range rules are applied
/// (RFC 9110, sections 13 and 14), for all dialects and both roads.
package struct FileAnswer: Sendable {
    package let size: Int64
    /// Strong, in its quotes.
    package let etag: String
    /// The dialect's own, with `Content-Type`; without the fields this type decides about.
    package let headers: [(String, String)]

    package init(size: Int64, etag: String, headers: [(String, String)] = []) {
        self.size = size
        self.etag = etag
        self.headers = headers
    }

    package func answer(_ request: LeanRequest, open: () -> ByteSource?) -> LeanAnswer? {
        answer(head: request.method == .head, conditions: Conditions(request.headers), open: open)
    }

    /// 200, 206, 304, 412 or 416. `open` is asked only when bytes will be sent; where it gives
    /// nothing, so does this.
    package func answer(head: Bool, conditions: Conditions, open: () -> ByteSource?) -> LeanAnswer? {
        var answer = LeanAnswer(status: 200)
        answer.headers.reserveCapacity(headers.count + 4)
        let range: ByteRange
        switch conditions.outcome(etag: etag, size: size) {
        case .whole:
            range = ByteRange(0, size)
            answer.headers = headers
        case .part(let part):
            range = part
            answer.status = 206
            answer.headers = headers
            answer.headers.append(("Content-Range", part.contentRange(of: size)))
        case .notModified:
            answer.status = 304
            answer.headers = headers.filter { !Self.describesBody($0.0) }
            answer.headers.append(("ETag", etag))
            return answer
        case .preconditionFailed:
            return LeanAnswer(status: 412, headers: [("ETag", etag), ("Content-Length", "0")])
        case .unsatisfiable:
            return LeanAnswer(
                status: 416, headers: [("Content-Range", "bytes */\(size)"), ("Accept-Ranges", "bytes"), ("ETag", etag), ("Content-Length", "0")])
        }
        answer.headers.append(("Accept-Ranges", "bytes"))
        answer.headers.append(("ETag", etag))
        answer.headers.append(("Content-Length", String(range.count)))
        if head || range.count == 0 { return answer }
        guard let source = open() else { return nil }
        answer.body = .source(source, range)
        return answer
    }

    /// A 304 carries what describes the resource, not what describes the bytes that are not sent.
    private static func describesBody(_ name: String) -> Bool {
        let name = name.lowercased()
        return name == "content-type" || name == "content-length" || name == "content-encoding"
    }
}
