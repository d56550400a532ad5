import Glibc
import NIOPosix

/// A client that sends exactly the bytes it is told and shows exactly what comes back. Calls wait
/// on threads of their own, so that a test never takes a thread from the gateway. Not for two
/// tasks at once.
final class Client: @unchecked Sendable {
    private static let threads: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: 64)
        pool.start()
        return pool
    }()

    private let descriptor: Int32
    private var pending: [UInt8] = []
    private var isOpen = true

    private init(_ descriptor: Int32) { self.descriptor = descriptor }
    deinit { close() }

    /// `receiveBuffer` makes a client that can be slow: the kernel holds no more than about twice that.
    static func connect(_ port: Int, receiveBuffer: Int32? = nil) async throws -> Client {
        try await offThread { Client(try Socket.connect(port, receiveBuffer: receiveBuffer)) }
    }

    func send(_ text: String) async throws { try await send(Array(text.utf8)) }
    func send(_ bytes: [UInt8]) async throws { try await Self.offThread { try Socket.send(bytes, to: self.descriptor) } }

    /// In pieces of the sizes that `chance` draws.
    func send(_ bytes: [UInt8], inPiecesBy chance: Chance) async throws {
        try await Self.offThread {
            var chance = chance
            var rest = bytes[...]
            while !rest.isEmpty {
                let piece = rest.prefix(chance.number(1...chance.pick([1, 7, 300, 20_000])))
                try Socket.send(Array(piece), to: self.descriptor)
                rest = rest.dropFirst(piece.count)
                if chance.number(0...3) == 0 { usleep(200) }
            }
        }
    }

    /// What comes next; empty at the end of the stream.
    func receive(upTo limit: Int = 1 << 16) async throws -> [UInt8] {
        if !pending.isEmpty {
            let part = Array(pending.prefix(limit))
            pending.removeFirst(part.count)
            return part
        }
        return try await Self.offThread { try Socket.receive(self.descriptor, limit) }
    }

    /// Everything up to the end of the stream, however it ends.
    func receiveToEnd() async throws -> [UInt8] {
        var all: [UInt8] = []
        do {
            while true {
                let part = try await receive()
                if part.isEmpty { break }
                all += part
            }
        } catch let failure as Socket.Failure where failure.code == ECONNRESET {}
        return all
    }

    /// A head, `1xx` ones included.
    func head() async throws -> Answer {
        let text = try await until("\r\n\r\n")
        return try Answer(head: text)
    }

    /// A whole final answer by its framing.
    func answer(to method: String = "GET") async throws -> Answer {
        var answer = try await head()
        while answer.status < 200 { answer = try await head() }
        try await readBody(of: &answer, to: method)
        return answer
    }

    func readBody(of answer: inout Answer, to method: String = "GET") async throws {
        if method == "HEAD" || answer.status == 204 || answer.status == 304 { return }
        if answer["transfer-encoding"]?.lowercased() == "chunked" {
            while true {
                guard let size = Int(try await until("\r\n").prefix { $0 != ";" }, radix: 16) else { throw Unreadable(what: "a chunk's size") }
                if size == 0 { break }
                answer.body += try await exactly(size)
                guard try await exactly(2) == [13, 10] else { throw Unreadable(what: "a chunk's end") }
            }
            while true {
                let line = try await until("\r\n")
                if line.isEmpty { break }
                answer.trailers.append(try Answer.field(line))
            }
        } else if let length = answer["content-length"] {
            answer.body = try await exactly(Int(length) ?? 0)
        } else {
            answer.body = try await receiveToEnd()
        }
    }

    func exactly(_ count: Int) async throws -> [UInt8] {
        while pending.count < count { try await more() }
        let taken = Array(pending.prefix(count))
        pending.removeFirst(count)
        return taken
    }

    /// The text before `mark`, which is taken too.
    func until(_ mark: String) async throws -> String {
        let mark = Array(mark.utf8)
        while true {
            if let found = pending.firstRange(of: mark) {
                let text = String(decoding: pending[..<found.lowerBound], as: UTF8.self)
                pending.removeSubrange(..<found.upperBound)
                return text
            }
            try await more()
        }
    }

    private func more() async throws {
        let part = try await Self.offThread { try Socket.receive(self.descriptor, 1 << 16) }
        guard !part.isEmpty else { throw Closed(after: pending) }
        pending += part
    }

    /// Whether the other side has ended the connection; waits for it.
    func isEnded() async -> Bool {
        do { return try await receive().isEmpty } catch { return (error as? Socket.Failure)?.code == ECONNRESET }
    }

    /// Whether nothing comes for a moment, the connection being open.
    func isSilent() async -> Bool {
        guard pending.isEmpty else { return false }
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        try? await Task.sleep(for: .milliseconds(60))
        return poll(&waiting, 1, 0) == 0
    }

    func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    func close() {
        guard isOpen else { return }
        isOpen = false
        Glibc.close(descriptor)
    }

    /// Closes with a reset, as a killed client's kernel does.
    func abort() {
        Socket.lingerNot(descriptor)
        close()
    }

    struct Closed: Error { let after: [UInt8] }
    struct Unreadable: Error { let what: String }

    private static func offThread<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
        try await threads.runIfActive(work)
    }
}
