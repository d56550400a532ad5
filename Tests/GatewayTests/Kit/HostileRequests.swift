/// Requests that one reader could end elsewhere than another: request smuggling, header injection
/// and their kin. `SMUGGLED` marks what must never reach an upstream.
struct HostileRequest: CustomStringConvertible, Sendable {
    let name: String
    let bytes: [UInt8]
    /// Refused at its head: nothing of it goes upstream. Else it is cut off in its body.
    let isRefusedAtOnce: Bool
    var description: String { name }

    static let second = "GET /v1/endpoints/chat/SMUGGLED HTTP/1.1\r\nHost: h\r\n\r\n"

    /// A head with these lines besides its Host, and a body that holds a second request.
    private static func head(_ name: String, _ lines: String, body: String = "5\r\nhello\r\n0\r\n\r\n" + second) -> HostileRequest {
        .init(
            name: name, bytes: Array("POST /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\n\(lines)\r\n\r\n\(body)".utf8), isRefusedAtOnce: true)
    }
    private static func whole(_ name: String, _ text: String) -> HostileRequest {
        .init(name: name, bytes: Array((text + second).utf8), isRefusedAtOnce: true)
    }
    private static func raw(_ name: String, _ parts: [[UInt8]]) -> HostileRequest {
        .init(name: name, bytes: parts.flatMap { $0 } + Array(second.utf8), isRefusedAtOnce: true)
    }
    private static func chunked(_ name: String, _ body: String) -> HostileRequest {
        .init(
            name: name,
            bytes: Array("POST /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n\(body)\(second)".utf8),
            isRefusedAtOnce: false)
    }

    static let all: [HostileRequest] = lengths + encodings + lines + starts + hosts + chunks

    static let lengths = [
        head("length and chunked", "Content-Length: 6\r\nTransfer-Encoding: chunked"),
        head("chunked and length", "Transfer-Encoding: chunked\r\nContent-Length: 6"),
        head("two lengths", "Content-Length: 5\r\nContent-Length: 6"),
        head("the same length twice", "Content-Length: 5\r\nContent-Length: 5"),
        head("a list of lengths", "Content-Length: 5, 5"),
        head("a plus", "Content-Length: +5"),
        head("a minus", "Content-Length: -5"),
        head("minus nothing", "Content-Length: -0"),
        head("hexadecimal", "Content-Length: 0x5"),
        head("a blank within", "Content-Length: 5 5"),
        head("no digits", "Content-Length:"),
        head("a letter behind", "Content-Length: 5a"),
        head("a point", "Content-Length: 5.0"),
        head("an exponent", "Content-Length: 5e0"),
        head("more than 64 bits", "Content-Length: 18446744073709551621"),
        head("very many digits", "Content-Length: " + String(repeating: "0", count: 60) + "5"),
        head("an underscore", "Content-Length: 1_0"),
        head("a quoted length", "Content-Length: \"5\""),
        head("a vertical tab", "Content-Length: \u{0B}5"),
        head("a blank before the colon", "Content-Length : 5"),
        head("a tab before the colon", "Content-Length\t: 5"),
        head("Arabic digits", "Content-Length: \u{665}")
    ]

    static let encodings = [
        head("chunked, then identity", "Transfer-Encoding: chunked, identity"),
        head("identity", "Transfer-Encoding: identity"),
        head("gzip, then chunked", "Transfer-Encoding: gzip, chunked"),
        head("chunked twice in one line", "Transfer-Encoding: chunked, chunked"),
        head("chunked in two lines", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
        head("identity, then chunked in two lines", "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked"),
        head("xchunked", "Transfer-Encoding: xchunked"),
        head("chunked with a parameter", "Transfer-Encoding: chunked;q=1"),
        head("quoted chunked", "Transfer-Encoding: \"chunked\""),
        head("a comma before", "Transfer-Encoding: ,chunked"),
        head("a vertical tab before", "Transfer-Encoding: \u{0B}chunked"),
        head("a form feed behind", "Transfer-Encoding: chunked\u{0C}"),
        head("nothing", "Transfer-Encoding:"),
        head("a blank before its colon", "Transfer-Encoding : chunked"),
        head("folded", "Transfer-Encoding:\r\n chunked"),
        head("hidden behind a fold", "X-A: b\r\n Transfer-Encoding: chunked\r\nContent-Length: 5"),
        head("no-break space", "Transfer-Encoding: \u{A0}chunked"),
        whole("chunked in HTTP/1.0", "POST /v1/endpoints/chat/x HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
    ]

    static let lines = [
        whole("bare LF throughout", "GET /v1/endpoints/chat/x HTTP/1.1\nHost: h\n\n"),
        whole("bare LF behind one header", "GET /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\nX-A: b\nX-B: c\r\n\r\n"),
        whole("bare LF as the empty line", "GET /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\n\n"),
        whole("bare LF behind the first line", "GET /v1/endpoints/chat/x HTTP/1.1\nHost: h\r\n\r\n"),
        whole("bare CR in a value", "GET /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\nX-A: b\rX-B: c\r\n\r\n"),
        whole("bare CR before CRLF", "GET /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\nX-A: b\r\r\n\r\n"),
        whole("bare CR in the first line", "GET /v1/endpoints/chat/x\r HTTP/1.1\r\nHost: h\r\n\r\n"),
        whole("NUL in a value", "GET /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\nX-A: b\0c\r\n\r\n"),
        whole("NUL in a name", "GET /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\nX\0A: b\r\n\r\n"),
        whole("a control character in a value", "GET /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\nX-A: b\u{01}\r\n\r\n"),
        whole("DEL in a value", "GET /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\nX-A: b\u{7F}\r\n\r\n"),
        whole("no colon", "GET /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\nX-A\r\n\r\n"),
        whole("no name", "GET /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\n: b\r\n\r\n"),
        whole("a blank in a name", "GET /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\nX A: b\r\n\r\n"),
        whole("a bracket in a name", "GET /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\nX(A: b\r\n\r\n"),
        whole("a slash in a name", "GET /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\nX/A: b\r\n\r\n"),
        raw("a high byte in a name", [Array("GET /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\nX".utf8), [0xFF], Array("A: b\r\n\r\n".utf8)]),
        whole("a fold", "GET /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\nX-A: b\r\n c\r\n\r\n"),
        whole("a fold by tab", "GET /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\nX-A: b\r\n\tc\r\n\r\n"),
        whole("a fold right behind the first line", "GET /v1/endpoints/chat/x HTTP/1.1\r\n X-A: b\r\nHost: h\r\n\r\n"),
        whole("a line of blanks", "GET /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\n  \r\n\r\n"),
        whole("a head too large", "GET /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\nX-A: " + String(repeating: "a", count: 200_000) + "\r\n\r\n"),
        whole("too many lines", "GET /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\n" + String(repeating: "X-A: b\r\n", count: 5000) + "\r\n"),
        whole(
            "Connection names Content-Length",
            "POST /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\nConnection: content-length\r\nContent-Length: 57\r\n\r\n"),
        whole("Connection names Host", "GET /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\nConnection: host\r\n\r\n"),
        whole(
            "Connection names Transfer-Encoding",
            "POST /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\nConnection: close, transfer-encoding\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
    ]

    static let starts = [
        whole("two blanks", "GET  /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\n\r\n"),
        whole("two blanks before the version", "GET /v1/endpoints/chat/x  HTTP/1.1\r\nHost: h\r\n\r\n"),
        whole("tabs", "GET\t/v1/endpoints/chat/x\tHTTP/1.1\r\nHost: h\r\n\r\n"),
        whole("a blank first", " GET /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\n\r\n"),
        whole("a blank last", "GET /v1/endpoints/chat/x HTTP/1.1 \r\nHost: h\r\n\r\n"),
        whole("a blank in the target", "GET /v1/endpoints/chat/x y HTTP/1.1\r\nHost: h\r\n\r\n"),
        whole("no version", "GET /v1/endpoints/chat/x\r\nHost: h\r\n\r\n"),
        whole("HTTP/0.9", "GET /v1/endpoints/chat/x HTTP/0.9\r\nHost: h\r\n\r\n"),
        whole("HTTP/2.0", "GET /v1/endpoints/chat/x HTTP/2.0\r\nHost: h\r\n\r\n"),
        whole("the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        whole("HTTP/1.10", "GET /v1/endpoints/chat/x HTTP/1.10\r\nHost: h\r\n\r\n"),
        whole("http/1.1", "GET /v1/endpoints/chat/x http/1.1\r\nHost: h\r\n\r\n"),
        whole("HTTP/+1.1", "GET /v1/endpoints/chat/x HTTP/+1.1\r\nHost: h\r\n\r\n"),
        whole("a method with a colon", "GET: /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\n\r\n"),
        whole("a method with NUL", "G\0ET /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\n\r\n"),
        whole("no method", " /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\n\r\n"),
        whole("a control character in the target", "GET /v1/endpoints/chat/x\u{01} HTTP/1.1\r\nHost: h\r\n\r\n"),
        whole("a target without a slash", "GET v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\n\r\n"),
        whole("CONNECT", "CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n")
    ]

    static let hosts = [
        whole("no Host", "GET /v1/endpoints/chat/x HTTP/1.1\r\n\r\n"),
        whole("two Hosts", "GET /v1/endpoints/chat/x HTTP/1.1\r\nHost: h\r\nHost: g\r\n\r\n"),
        whole("a blank in Host", "GET /v1/endpoints/chat/x HTTP/1.1\r\nHost: h g\r\n\r\n"),
        whole("a path in Host", "GET /v1/endpoints/chat/x HTTP/1.1\r\nHost: h/g\r\n\r\n"),
        whole("a user in Host", "GET /v1/endpoints/chat/x HTTP/1.1\r\nHost: u@h\r\n\r\n"),
        whole("a list in Host", "GET /v1/endpoints/chat/x HTTP/1.1\r\nHost: h, g\r\n\r\n")
    ]

    static let chunks = [
        chunked("a size of letters", "zz\r\nhello\r\n0\r\n\r\n"),
        chunked("a size with a sign", "+5\r\nhello\r\n0\r\n\r\n"),
        chunked("a negative size", "-5\r\nhello\r\n0\r\n\r\n"),
        chunked("0x", "0x5\r\nhello\r\n0\r\n\r\n"),
        chunked("no size", "\r\nhello\r\n0\r\n\r\n"),
        chunked("an extension alone", ";a=b\r\nhello\r\n0\r\n\r\n"),
        chunked("a blank before the size", " 5\r\nhello\r\n0\r\n\r\n"),
        chunked("more than 64 bits of size", "10000000000000005\r\nhello\r\n0\r\n\r\n"),
        chunked("a size that wraps around", "FFFFFFFFFFFFFFFB\r\nhello\r\n0\r\n\r\n"),
        chunked("bare LF behind the size", "5\nhello\r\n0\r\n\r\n"),
        chunked("bare CR behind the size", "5\rhello\r\n0\r\n\r\n"),
        chunked("bare LF in an extension", "5;a=\nb\r\nhello\r\n0\r\n\r\n"),
        chunked("bare CR in an extension", "5;a=\rb\r\nhello\r\n0\r\n\r\n"),
        chunked("NUL in an extension", "5;a=\0\r\nhello\r\n0\r\n\r\n"),
        chunked("an endless extension", "5;a=" + String(repeating: "b", count: 100_000) + "\r\nhello\r\n0\r\n\r\n"),
        chunked("data longer than its size", "2\r\nhello\r\n0\r\n\r\n"),
        chunked("no CRLF behind data", "5\r\nhello0\r\n\r\n"),
        chunked("LF alone behind data", "5\r\nhello\n0\r\n\r\n"),
        chunked("bare LF as the last line", "5\r\nhello\r\n0\r\n\n"),
        chunked("a trailer without a colon", "5\r\nhello\r\n0\r\nX-A\r\n\r\n"),
        chunked("a folded trailer", "5\r\nhello\r\n0\r\nX-A: b\r\n c\r\n\r\n"),
        chunked("bare LF in the trailers", "5\r\nhello\r\n0\r\nX-A: b\n\r\n"),
        chunked("a length in the trailers", "5\r\nhello\r\n0\r\nContent-Length: 50\r\n\r\n"),
        chunked("an encoding in the trailers", "5\r\nhello\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n"),
        chunked("a Host in the trailers", "5\r\nhello\r\n0\r\nHost: g\r\n\r\n"),
        chunked("endless trailers", "5\r\nhello\r\n0\r\n" + String(repeating: "X-A: b\r\n", count: 20_000) + "\r\n")
    ]
}
