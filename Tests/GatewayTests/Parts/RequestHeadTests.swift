import Testing

@testable import Gateway

@Suite("A request's head")
struct RequestHeadTests {
    @Test(
        "what two readers could read differently is refused",
        arguments: [
            ("GET / HTTP/1.1\nHost: a\r\n\r\n", HeadFault.bareLineFeed),
            ("GET / HTTP/1.1\r\nHost: a\n\r\n", .bareLineFeed),
            ("GET / HTTP/1.1\r\nHost: a\r\n\n", .bareLineFeed),
            ("GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", .bareCarriageReturn),
            ("GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n", .controlByte),
            ("GET / HTTP/1.1\r\nHost: a\r\nX: a\u{7f}\r\n\r\n", .controlByte),
            ("GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n", .foldedLine),
            ("GET / HTTP/1.1\r\n\tHost: a\r\n\r\n", .foldedLine),
            ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", .spaceBeforeColon),
            ("GET / HTTP/1.1\r\nHost\r\n\r\n", .noColon),
            ("GET / HTTP/1.1\r\n: a\r\n\r\n", .badName),
            ("GET / HTTP/1.1\r\nHo(st: a\r\n\r\n", .badName),
            ("GET / HTTP/1.1\r\n\r\n", .hostMissing),
            ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", .hostRepeated),
            ("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", .badHost),
            ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", .badHost),
            ("GET / HTTP/1.1\r\nHost: me@a\r\n\r\n", .badHost),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", .lengthAndEncoding),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", .repeatedLength),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\n", .badLength),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n", .badLength),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", .badLength),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x1\r\n\r\n", .badLength),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n", .badLength),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1234567890123456789\r\n\r\n", .badLength),
            ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n", .badEncoding),
            ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", .badEncoding),
            ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n", .badEncoding),
            ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n", .badEncoding),
            ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", .badEncoding),
            ("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", .badEncoding),
            ("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", .badStartLine),
            ("GET / HTTP/1.1 \r\nHost: a\r\n\r\n", .badStartLine),
            ("GET /\r\nHost: a\r\n\r\n", .badStartLine),
            ("G(T / HTTP/1.1\r\nHost: a\r\n\r\n", .badMethod),
            (" GET / HTTP/1.1\r\nHost: a\r\n\r\n", .badMethod),
            ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", .badVersion),
            ("PRI * HTTP/2.0\r\n\r\n", .badVersion),
            ("GET / http/1.1\r\nHost: a\r\n\r\n", .badStartLine),
            ("GET / HTTP/1.2\r\nHost: a\r\n\r\n", .badVersion),
            ("GET a HTTP/1.1\r\nHost: a\r\n\r\n", .badTarget),
            ("GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", .badTarget),
            ("GET /\u{e9} HTTP/1.1\r\nHost: a\r\n\r\n", .badTarget),
            ("GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n", .badTarget),
            ("GET http://me@a/x HTTP/1.1\r\nHost: a\r\n\r\n", .badTarget),
            ("GET * HTTP/1.1\r\nHost: a\r\n\r\n", .badTarget),
            ("POST / HTTP/1.1\r\nHost: a\r\nConnection: content-length\r\nContent-Length: 1\r\n\r\n", .badConnection),
            ("GET / HTTP/1.1\r\nHost: a\r\nConnection: close, Host\r\n\r\n", .badConnection)
        ])
    func refuses(_ text: String, _ expected: HeadFault) {
        #expect(fault(requestHead(text)) == expected)
    }

    @Test("what is well formed is read as it is meant")
    func reads() throws {
        let plain = try requestHead("POST /v1/x?y HTTP/1.1\r\nhost: a:80\r\nCONTENT-LENGTH:  42\t\r\n\r\n").get()
        #expect(plain.framing == .length(42) && plain.keepsAlive && plain.verb == .post && plain.target.count == 7)
        #expect(try requestHead("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n").get().framing == .chunked)
        #expect(try requestHead("GET / HTTP/1.1\r\nHost: a\r\nConnection: foo, Close\r\n\r\n").get().keepsAlive == false)
        #expect(try requestHead("GET / HTTP/1.0\r\n\r\n").get().keepsAlive == false)
        #expect(try requestHead("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").get().keepsAlive)
        #expect(try requestHead("GET / HTTP/1.1\r\nHost:\r\n\r\n").get().framing == .none)
        #expect(try requestHead("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n").get().verb == .get)
        #expect(try requestHead("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\n\r\n").get().expectsContinue)
        #expect(try requestHead("POST / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n").get().expectsElse)
        #expect(try requestHead("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n").get().wantsUpgrade)
        #expect(
            try requestHead("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\n\r\n").get().wantsUpgrade == false)
        #expect(try requestHead("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n").get().wantsUpgrade == false)
    }

    @Test("an absolute target wins over Host")
    func absolute() throws {
        let text = "GET http://right:8/a?b HTTP/1.1\r\nHost: wrong\r\n\r\n"
        let head = try requestHead(text).get()
        withBytes(text) { bytes in
            #expect(bytes.at(head.host).text == "right:8")
            #expect(bytes.at(head.target).text == "/a?b")
        }
    }

    @Test("a head read byte by byte is the same head")
    func cutting() throws {
        let text = "POST /a HTTP/1.1\r\nHost: a\r\nX-One: 1\r\nContent-Length: 3\r\nX-Two:\r\n\r\nabc"
        var reader = HeadReader()
        for count in 0...text.utf8.count {
            let end = try withBytes(text) { bytes throws(HeadFault) in try reader.read(UnsafeRawBufferPointer(rebasing: bytes[0..<count])) }
            #expect((end != nil) == (count >= text.utf8.count - 3))
            if let end {
                #expect(end == text.utf8.count - 3)
                break
            }
        }
        #expect(reader.fields.map(\.kind) == [.host, .other, .contentLength, .other])
    }

    @Test("a head that does not end is refused at 64 KiB, and at 256 fields")
    func limits() {
        let long = "GET / HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "x", count: 70_000)
        #expect(fault(requestHead(long)) == .tooLarge)
        #expect(fault(requestHead(long + "\r\n\r\n")) == .tooLarge)
        let many = "GET / HTTP/1.1\r\nHost: a\r\n" + String(repeating: "X: y\r\n", count: 256) + "\r\n"
        #expect(fault(requestHead(many)) == .tooManyFields)
    }

    @Test("random bytes are refused or wait for more, and never harm")
    func fuzz() {
        var dice = Dice(7)
        let alphabet = Array("GET /v1 HTTP/1.1\r\n\r\nHost: a\r\nContent-Length: 1\r\n:,;\t\0\u{7f}\u{80}".utf8)
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0..<120, using: &dice)).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &dice)] }
            _ = requestHead("GET / HTTP/1.1\r\nHost: a\r\n" + String(decoding: bytes, as: UTF8.self))
            _ = requestHead(String(decoding: bytes, as: UTF8.self))
            _ = responseHead("HTTP/1.1 200 OK\r\n" + String(decoding: bytes, as: UTF8.self))
        }
    }
}

@Suite("An answer's head")
struct ResponseHeadTests {
    @Test(
        "a malformed answer is refused",
        arguments: [
            ("HTTP/2.0 200 OK\r\n\r\n", HeadFault.badVersion), ("HTTP/1.1 20 OK\r\n\r\n", .badStartLine), ("HTTP/1.1 2000 OK\r\n\r\n", .badStartLine),
            ("HTTP/1.1 099 OK\r\n\r\n", .badStartLine), ("HTTP/1.1 200 O\0K\r\n\r\n", .badStartLine),
            ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", .repeatedLength),
            ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", .lengthAndEncoding),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", .badEncoding), ("HTTP/1.1 200 OK\r\nA : b\r\n\r\n", .spaceBeforeColon)
        ])
    func refuses(_ text: String, _ expected: HeadFault) { #expect(fault(responseHead(text)) == expected) }

    @Test("where its body ends")
    func framing() throws {
        #expect(try responseHead("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n").get().framing == .length(5))
        #expect(try responseHead("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").get().framing == .chunked)
        let open = try responseHead("HTTP/1.1 200 OK\r\n\r\n").get()
        #expect(open.framing == .untilClose && !open.keepsAlive)
        #expect(try responseHead("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", isHead: true).get().framing == .none)
        #expect(try responseHead("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n").get().framing == .none)
        #expect(try responseHead("HTTP/1.1 204 No Content\r\n\r\n").get().framing == .none)
        #expect(try responseHead("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n").get().status == 200)
    }
}
