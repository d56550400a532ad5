/// Answers of an upstream that is broken or hostile. `SMUGGLED` marks what must never reach a client.
struct HostileAnswer: CustomStringConvertible, Sendable {
    let name: String
    let bytes: [UInt8]
    let kind: Kind
    var description: String { name }

    enum Kind {
        /// Its head cannot be believed: 502.
        case refused
        /// Its body breaks off where it becomes unbelievable, and so does the client's.
        case cut
        /// The answer is good, what follows it is not.
        case followed
    }

    static let second = "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nSMUGGLED"

    private static func head(_ name: String, _ lines: String, body: String = "5\r\nhello\r\n0\r\n\r\n") -> HostileAnswer {
        .init(name: name, bytes: Array("HTTP/1.1 200 OK\r\n\(lines)\r\n\r\n\(body)\(second)".utf8), kind: .refused)
    }
    private static func whole(_ name: String, _ text: String, _ kind: Kind = .refused) -> HostileAnswer {
        .init(name: name, bytes: Array((text + second).utf8), kind: kind)
    }
    private static func chunked(_ name: String, _ body: String) -> HostileAnswer {
        .init(name: name, bytes: Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\(body)\(second)".utf8), kind: .cut)
    }

    static let all: [HostileAnswer] = [
        head("length and chunked", "Content-Length: 6\r\nTransfer-Encoding: chunked"),
        head("two lengths", "Content-Length: 5\r\nContent-Length: 60"),
        head("a list of lengths", "Content-Length: 5, 60"),
        head("a plus", "Content-Length: +5"),
        head("a minus", "Content-Length: -5"),
        head("hexadecimal", "Content-Length: 0x5"),
        head("no digits", "Content-Length:"),
        head("more than 64 bits", "Content-Length: 18446744073709551621"),
        head("a blank before the colon", "Content-Length : 5"),
        head("chunked twice", "Transfer-Encoding: chunked, chunked"),
        head("chunked in two lines", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
        head("chunked, then identity", "Transfer-Encoding: chunked, identity"),
        head("xchunked", "Transfer-Encoding: xchunked"),
        head("folded", "Transfer-Encoding:\r\n chunked"),
        head("bare LF", "X-A: b\nContent-Length: 5"),
        head("bare CR", "X-A: b\rContent-Length: 5"),
        head("NUL", "X-A: b\0\r\nContent-Length: 5"),
        head("no colon", "X-A\r\nContent-Length: 5"),
        head("a blank in a name", "X A: b\r\nContent-Length: 5"),
        head("a head too large", "X-A: " + String(repeating: "a", count: 200_000) + "\r\nContent-Length: 5"),
        whole("bare LF throughout", "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello"),
        whole("chunked in HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
        whole("HTTP/2", "HTTP/2 200\r\n\r\n"),
        whole("ICY", "ICY 200 OK\r\n\r\n"),
        whole("letters for a status", "HTTP/1.1 abc OK\r\nContent-Length: 0\r\n\r\n"),
        whole("a status of two digits", "HTTP/1.1 99 OK\r\nContent-Length: 0\r\n\r\n"),
        whole("a status of four digits", "HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n"),
        whole("a status above 999", "HTTP/1.1 1e2 OK\r\nContent-Length: 0\r\n\r\n"),
        whole("a switch nobody asked for", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n"),
        whole("no HTTP", "hello\r\n\r\n"),
        chunked("a size of letters", "5\r\nhello\r\nzz\r\n"),
        chunked("a negative size", "5\r\nhello\r\n-5\r\n"),
        chunked("more than 64 bits of size", "5\r\nhello\r\n10000000000000005\r\n"),
        chunked("data longer than its size", "2\r\nhello\r\n0\r\n\r\n"),
        chunked("bare LF behind the size", "5\nhello\r\n0\r\n\r\n"),
        chunked("bare LF as the last line", "5\r\nhello\r\n0\r\n\n"),
        chunked("a trailer without a colon", "5\r\nhello\r\n0\r\nX-A\r\n\r\n"),
        chunked("a length in the trailers", "5\r\nhello\r\n0\r\nContent-Length: 50\r\n\r\n"),
        whole("an answer too many", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", .followed),
        whole("an answer too many behind chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", .followed),
        whole("a body where none may be", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nSMUGG", .followed),
        whole("more than its length", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nSMUGGLED", .followed)
    ]
}
