import NIOCore

/// Writes the head of a lean answer straight into the buffer that goes to the socket.
enum LeanHead {
    /// How the connection goes on afterwards, as the client must be told.
    enum After { case persist, persistOldClient, close }

    static func write(_ answer: LeanAnswer, head isHead: Bool, after: After, into buffer: inout ByteBuffer) {
        buffer.writeImmutableBuffer(statusLine(answer.status))
        buffer.writeImmutableBuffer(DateLine.current())
        var hasLength = false
        for (name, value) in answer.headers {
            if name.utf8.count == 14, name.lowercased() == "content-length" { hasLength = true }
            buffer.writeString(name)
            buffer.writeStaticString(": ")
            // A line end inside a value would begin a header of somebody else's choosing.
            if value.utf8.contains(where: { $0 == 0x0D || $0 == 0x0A }) {
                buffer.writeBytes(value.utf8.map { $0 == 0x0D || $0 == 0x0A ? 0x20 : $0 })
            } else {
                buffer.writeString(value)
            }
            buffer.writeStaticString("\r\n")
        }
        // RFC 9110, section 8.6: never with 1xx and 204; with 304 only the length of the 200.
        if !hasLength, answer.status != 304, answer.status != 204 {
            buffer.writeStaticString("Content-Length: ")
            buffer.writeString(String(answer.body.count))
            buffer.writeStaticString("\r\n")
        }
        switch after {
        case .persist: buffer.writeStaticString("\r\n")
        case .persistOldClient: buffer.writeStaticString("Connection: keep-alive\r\n\r\n")
        case .close: buffer.writeStaticString("Connection: close\r\n\r\n")
        }
    }

    private static func statusLine(_ status: Int) -> ByteBuffer { common[status] ?? ByteBuffer(string: "HTTP/1.1 \(status) \r\n") }

    private static let common: [Int: ByteBuffer] = [
        200: "OK", 204: "No Content", 206: "Partial Content", 301: "Moved Permanently", 302: "Found", 304: "Not Modified",
        307: "Temporary Redirect", 308: "Permanent Redirect", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden",
        404: "Not Found", 412: "Precondition Failed", 416: "Range Not Satisfiable", 429: "Too Many Requests",
        500: "Internal Server Error", 503: "Service Unavailable"
    ].reduce(into: [:]) { lines, pair in lines[pair.key] = ByteBuffer(string: "HTTP/1.1 \(pair.key) \(pair.value)\r\n") }
}
