import Foundation
import Glibc
import Synchronization

/// A port that nobody listens on, and nobody else can take meanwhile.
final class ClosedPort: Sendable {
    let port: Int
    private let descriptor: Int32
    init() throws { (descriptor, port) = try Socket.listen(isOpen: false) }
    deinit { Glibc.close(descriptor) }
}

/// A model server under the test's control, to the byte: each request calls `serve`, which reads
/// and writes as it likes. One thread a connection.
final class Upstream: Sendable {
    let port: Int
    private let listener: Int32
    private let serve: @Sendable (Call) throws -> Void
    private let state = Mutex(State())

    private struct State {
        var seen: [Seen] = []
        var raw: [UInt8] = []
        var connections = 0
        var gone = 0
        var open: Set<Int32> = []
        var isOpen = true
    }

    struct Seen: Sendable {
        var method: String
        var target: String
        var fields: [(name: String, value: String)]
        var body: [UInt8] = []
        var trailers: [(name: String, value: String)] = []
        var connection: Int
        subscript(_ name: String) -> String? { fields.first { $0.name == name.lowercased() }?.value }
        func all(_ name: String) -> [String] { fields.filter { $0.name == name.lowercased() }.map(\.value) }
    }

    /// Requests whose head came, in order.
    var seen: [Seen] { state.withLock { $0.seen } }
    /// Every byte that came.
    var raw: [UInt8] { state.withLock { $0.raw } }
    var rawText: String { String(decoding: raw, as: UTF8.self) }
    var connections: Int { state.withLock { $0.connections } }
    var openConnections: Int { state.withLock { $0.open.count } }
    /// Requests that the gateway gave up while they were served, noticed by `untilGone`.
    var gone: Int { state.withLock { $0.gone } }

    init(port: Int = 0, _ serve: @escaping @Sendable (Call) throws -> Void) throws {
        self.serve = serve
        (listener, self.port) = try Socket.listen(port: port)
        let listener = listener
        Thread.detachNewThread { [weak self] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                guard let upstream = self, let number = upstream.began(connection) else { Glibc.close(connection); return }
                Thread.detachNewThread { upstream.run(connection, number) }
            }
        }
    }

    deinit { stop() }

    /// Answers every request with this text.
    static func saying(_ text: String, status: Int = 200, fields: String = "") throws -> Upstream {
        try Upstream { call in
            try call.readBody()
            try call.answer(status, text, fields: fields)
        }
    }

    /// Closes the port and every connection.
    func stop() {
        let open = state.withLock { state -> Set<Int32> in
            guard state.isOpen else { return [] }
            state.isOpen = false
            shutdown(listener, Int32(SHUT_RDWR))
            Glibc.close(listener)
            return state.open
        }
        for connection in open { shutdown(connection, Int32(SHUT_RDWR)) }
    }

    /// Ends idle and busy connections, not the port.
    func dropConnections() { for connection in state.withLock({ $0.open }) { shutdown(connection, Int32(SHUT_RDWR)) } }

    private func began(_ connection: Int32) -> Int? {
        state.withLock { state in
            guard state.isOpen else { return nil }
            Socket.atOnce(connection)
            state.connections += 1
            state.open.insert(connection)
            return state.connections
        }
    }

    private func run(_ connection: Int32, _ number: Int) {
        defer {
            state.withLock { _ = $0.open.remove(connection) }
            Glibc.close(connection)
        }
        let call = Call(self, connection, number)
        do {
            while try call.readHead() {
                try serve(call)
                try call.readBody()
                if call.seen["connection"]?.lowercased() == "close" { return }
            }
        } catch {
            // Whatever ended the conversation, the connection ends with it.
        }
    }

    fileprivate func note(_ bytes: [UInt8]) { state.withLock { $0.raw += bytes } }
    fileprivate func note(_ seen: Seen) -> Int {
        state.withLock {
            $0.seen.append(seen)
            return $0.seen.count - 1
        }
    }
    fileprivate func update(_ index: Int, _ seen: Seen) { state.withLock { $0.seen[index] = seen } }
    fileprivate func noteGone() { state.withLock { $0.gone += 1 } }

    /// One connection's conversation; `seen` is the request that is being answered.
    final class Call {
        private(set) var seen = Seen(method: "", target: "", fields: [], connection: 0)
        /// How many requests came before it, over all connections.
        private(set) var number = 0
        private let upstream: Upstream
        private let descriptor: Int32
        private let connection: Int
        private var pending: [UInt8] = []
        private var hasBody = false

        fileprivate init(_ upstream: Upstream, _ descriptor: Int32, _ connection: Int) {
            self.upstream = upstream
            self.descriptor = descriptor
            self.connection = connection
        }

        struct Ended: Error {}

        private func more() throws {
            let part = try Socket.receive(descriptor, 1 << 16)
            guard !part.isEmpty else { throw Ended() }
            upstream.note(part)
            pending += part
        }

        private func until(_ mark: String) throws -> String {
            let mark = Array(mark.utf8)
            while true {
                if let found = pending.firstRange(of: mark) {
                    let text = String(decoding: pending[..<found.lowerBound], as: UTF8.self)
                    pending.removeSubrange(..<found.upperBound)
                    return text
                }
                try more()
            }
        }

        func exactly(_ count: Int) throws -> [UInt8] {
            while pending.count < count { try more() }
            let taken = Array(pending.prefix(count))
            pending.removeFirst(count)
            return taken
        }

        fileprivate func readHead() throws -> Bool {
            let lines = try until("\r\n\r\n").split(separator: "\r\n", omittingEmptySubsequences: false).map(String.init)
            let words = lines[0].split(separator: " ").map(String.init)
            guard words.count == 3 else { return false }
            seen = Seen(method: words[0], target: words[1], fields: try lines.dropFirst().map(Answer.field), connection: connection)
            hasBody = seen["transfer-encoding"] != nil || seen["content-length"].map { $0 != "0" } ?? false
            number = upstream.note(seen)
            return true
        }

        /// The request's body, once.
        @discardableResult
        func readBody() throws -> [UInt8] {
            guard hasBody else { return seen.body }
            hasBody = false
            if seen["expect"] != nil { try send("HTTP/1.1 100 Continue\r\n\r\n") }
            if let length = seen["content-length"] {
                seen.body = try exactly(Int(length) ?? 0)
            } else {
                while let size = Int(try until("\r\n").prefix { $0 != ";" }, radix: 16), size > 0 {
                    seen.body += try exactly(size)
                    guard try exactly(2) == [13, 10] else { throw Ended() }
                }
                while true {
                    let line = try until("\r\n")
                    if line.isEmpty { break }
                    seen.trailers.append(try Answer.field(line))
                }
            }
            upstream.update(number, seen)
            return seen.body
        }

        func send(_ text: String) throws { try send(Array(text.utf8)) }
        func send(_ bytes: [UInt8]) throws { try Socket.send(bytes, to: descriptor) }
        func answer(_ status: Int = 200, _ body: String, fields: String = "") throws {
            try send("HTTP/1.1 \(status) Said\r\n\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
        }

        /// Waits until the gateway gives this request up.
        func untilGone() throws {
            do { while true { try more() } } catch {
                upstream.noteGone()
                throw error
            }
        }

        func reset() throws {
            Socket.lingerNot(descriptor)
            throw Ended()
        }
        func hangUp() throws { throw Ended() }
    }
}
