import Foundation
import Glibc
import Synchronization

/// Another person's machine: an HTTP/1.1 server on a loopback socket that answers as a test
/// says, wrong answers and broken connections included. One thread a connection.
final class ScriptedServer: Sendable {
    struct Asked: Sendable {
        var method = ""
        /// With the query.
        var target = ""
        var headers: [String: String] = [:]
        var body: [UInt8] = []
        var path: String { String(target.prefix { $0 != "?" }) }
    }
    struct Answer: Sendable {
        var status = 200
        var headers: [(String, String)] = []
        var body: [UInt8] = []
        /// The connection is cut when this much of the body is sent.
        var cutAfter: Int?

        static func json(_ text: String, status: Int = 200) -> Answer {
            Answer(status: status, headers: [("Content-Type", "application/json")], body: Array(text.utf8))
        }
        static func problem(_ code: String, _ detail: String, status: Int) -> Answer {
            Answer(
                status: status, headers: [("Content-Type", "application/problem+json")],
                body: Array(#"{"type":"about:blank","title":"t","status":\#(status),"detail":"\#(detail)","code":"\#(code)","requestID":"r"}"#.utf8))
        }
    }

    let port: UInt16
    var address: String { "http://127.0.0.1:\(port)" }
    var asked: [Asked] { log.withLock { $0 } }
    private let listener: Int32
    private let log = Mutex<[Asked]>([])
    private let answer: @Sendable (Asked, Int) -> Answer

    /// `answer` gets the request and how many came before it.
    init(_ answer: @escaping @Sendable (Asked, Int) -> Answer) throws {
        self.answer = answer
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let code = withUnsafeMutablePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, length) == 0 && listen(listener, 64) == 0 ? getsockname(listener, address, &length) : -1
            }
        }
        guard code == 0 else { throw POSIXError(.EADDRINUSE) }
        port = UInt16(bigEndian: name.sin_port)
        // A cut connection must not end the test process.
        signal(SIGPIPE, SIG_IGN)
        Thread.detachNewThread { [weak self] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                guard let server = self else { close(connection); return }
                Thread.detachNewThread { server.serve(connection) }
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    private func serve(_ connection: Int32) {
        defer { close(connection) }
        var buffer: [UInt8] = []
        while let request = Self.readRequest(connection, &buffer) {
            let number = log.withLock { log in
                log.append(request)
                return log.count - 1
            }
            let answer = answer(request, number)
            var head = "HTTP/1.1 \(answer.status) Scripted\r\n"
            for (name, value) in answer.headers { head += "\(name): \(value)\r\n" }
            if answer.status != 204 { head += "Content-Length: \(answer.body.count)\r\n" }
            let body = request.method == "HEAD" ? [] : answer.body
            let sent = answer.cutAfter.map { Array(body.prefix($0)) } ?? body
            guard Self.send(Array((head + "\r\n").utf8) + sent, connection), answer.cutAfter == nil else { return }
        }
    }

    private static func send(_ bytes: [UInt8], _ connection: Int32) -> Bool {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { write(connection, $0.baseAddress?.advanced(by: done), bytes.count - done) }
            guard count > 0 else { return false }
            done += count
        }
        return true
    }

    private static func readRequest(_ connection: Int32, _ buffer: inout [UInt8]) -> Asked? {
        func more() -> Bool {
            var chunk = [UInt8](repeating: 0, count: 65_536)
            let count = read(connection, &chunk, chunk.count)
            guard count > 0 else { return false }
            buffer += chunk.prefix(count)
            return true
        }
        let end = Array("\r\n\r\n".utf8)
        var headEnd: Int?
        while headEnd == nil {
            headEnd = buffer.firstRange(of: end)?.lowerBound
            if headEnd == nil, !more() { return nil }
        }
        guard let headEnd else { return nil }
        let lines = String(decoding: buffer[..<headEnd], as: UTF8.self).components(separatedBy: "\r\n")
        var asked = Asked()
        let first = lines[0].split(separator: " ")
        asked.method = String(first[0])
        asked.target = String(first[1])
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            asked.headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
        }
        buffer.removeFirst(headEnd + 4)
        let length = asked.headers["content-length"].flatMap { Int($0) } ?? 0
        while buffer.count < length { if !more() { return nil } }
        asked.body = Array(buffer.prefix(length))
        buffer.removeFirst(length)
        return asked
    }
}
