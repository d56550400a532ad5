import Testing

@testable import Gateway

@Suite("A chunked body")
struct ChunkReaderTests {
    /// Feeds a body in pieces, the unread part again each time, as a connection does.
    static func walk(_ text: String, cuts: [Int]) throws -> (payload: String, consumed: Int, isDone: Bool, framed: Int) {
        let all = Array(text.utf8)
        var reader = ChunkReader()
        var payload: [UInt8] = []
        var start = 0
        var framed = 0
        for cut in cuts + [all.count] {
            let held = Array(all[start..<max(start, cut)])
            var at = 0
            try held.withUnsafeBytes { bytes in
                loop: while true {
                    switch try reader.next(bytes, from: at) {
                    case .payload(let extent):
                        payload += bytes.at(extent)
                        at = extent.end
                    case .frame(let extent):
                        framed += extent.count
                        at = extent.end
                    case .end, .more: break loop
                    }
                }
            }
            start += at
            if reader.isDone { break }
        }
        return (String(decoding: payload, as: UTF8.self), start, reader.isDone, framed)
    }

    @Test("every way of cutting it gives the same body")
    func cutting() throws {
        let text = "5\r\nhello\r\n6;a=b\r\n world\r\n0\r\nX-Sum: 1\r\nX-More: 2\r\n\r\nNEXT"
        let whole = text.utf8.count - 4
        for first in 0...whole {
            for second in stride(from: first, through: whole, by: 3) {
                let (payload, consumed, isDone, framed) = try Self.walk(text, cuts: [first, second])
                #expect(payload == "hello world" && isDone && consumed == whole && framed == whole - 11)
            }
        }
    }

    @Test(
        "a doubtful size or line is refused",
        arguments: [
            "\r\n", "g\r\n", "-1\r\n", "+1\r\n", "0x1\r\n", " 1\r\n", "1 \r\n", "1 ;a\r\n", "1\n", "1\rX\r\n", "1;a\rb\r\na\r\n", "1;\0\r\n",
            "1234567890abcdef0\r\n", "2\r\nabc\r\n", "1\r\na\n", "1\r\naX\r\n", "0\r\n\n", "0\r\nX\r\n\r\n", "0\r\n X: a\r\n\r\n",
            "0\r\nContent-Length: 1\r\n\r\n", "0\r\nTransfer-Encoding: chunked\r\n\r\n", "0\r\nHost: a\r\n\r\n", "0\r\nX : a\r\n\r\n",
            "1;" + String(repeating: "a", count: 300) + "\r\n", String(repeating: "0", count: 300),
            "0\r\nX: " + String(repeating: "a", count: 9000) + "\r\n\r\n"
        ])
    func refuses(_ text: String) {
        #expect(throws: HeadFault.self) { try Self.walk(text, cuts: []) }
        #expect(throws: HeadFault.self) { try Self.walk(text, cuts: Array(0..<text.utf8.count)) }
    }

    @Test("extensions are bounded over the whole body")
    func extensions() {
        let chunk = "1;" + String(repeating: "e", count: 200) + "\r\na\r\n"
        #expect(throws: HeadFault.badChunk) { try Self.walk(String(repeating: chunk, count: 100), cuts: []) }
    }
}
