import Glibc
import NIOCore
import NIOPosix

/// A tiny HTTP/1 client over a plain socket, for tests: sends exactly the bytes it is told and
/// shows exactly what comes back. Calls wait on threads of their own, so that a test never
/// takes a thread from the server it tests. Anything slower than `patience` fails.
package final class HTTPProbe: @unchecked Sendable {
    private static let threads: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: 32)
        pool.start()
        return pool
    }()

    package enum Failure: Error, CustomStringConvertible {
        case system(String, Int32)
        case closed(afterBytes: Int)
        case unreadable(String)
        package var description: String {
            switch self {
            case .system(let call, let code): "\(call): \(String(cString: strerror(code)))"
            case .closed(let count): "the server closed the connection after \(count) bytes of what was expected"
            case .unreadable(let what): "not an HTTP answer: \(what)"
            }
        }
    }

    package let descriptor: Int32
    /// Received, and handed out up to `start`.
    var pending: [UInt8] = []
    var start = 0
    private var isOpen = true

    private init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { if isOpen { Glibc.close(descriptor) } }

    /// `receiveBuffer` makes a client that can be slow: the kernel holds no more than about twice that.
    package static func connect(port: Int, receiveBuffer: Int32? = nil, patience: Int = 60) async throws -> HTTPProbe {
        try await offThread {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            guard descriptor >= 0 else { throw Failure.system("socket", errno) }
            var wait = timeval(tv_sec: patience, tv_usec: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
            setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
            if var size = receiveBuffer { setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, 4) }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = UInt16(port).bigEndian
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            let result = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            guard result == 0 else {
                let code = errno
                Glibc.close(descriptor)
                throw Failure.system("connect", code)
            }
            return HTTPProbe(descriptor: descriptor)
        }
    }

    package func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    package func send(_ bytes: [UInt8]) async throws {
        try await Self.offThread {
            var done = 0
            while done < bytes.count {
                let sent = bytes.withUnsafeBytes { Glibc.send(self.descriptor, $0.baseAddress! + done, bytes.count - done, Int32(MSG_NOSIGNAL)) }
                guard sent > 0 else { throw Failure.system("send", errno) }
                done += sent
            }
        }
    }

    /// Up to `limit` bytes, as they come; empty at the end of the stream.
    package func receive(upTo limit: Int = 1 << 16) async throws -> [UInt8] {
        if start < pending.count {
            let part = Array(pending[start..<min(pending.count, start + limit)])
            start += part.count
            return part
        }
        return try await Self.offThread {
            var buffer = [UInt8](repeating: 0, count: limit)
            let got = recv(self.descriptor, &buffer, limit, 0)
            guard got >= 0 else { throw Failure.system("recv", errno) }
            return Array(buffer.prefix(got))
        }
    }

    /// Everything up to the end of the stream.
    package func receiveToEnd() async throws -> [UInt8] {
        var all: [UInt8] = []
        while true {
            let part = try await receive()
            if part.isEmpty { return all }
            all += part
        }
    }

    /// Ends our side, as a client does that has sent all it had, or broke off.
    package func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    package func close() {
        guard isOpen else { return }
        isOpen = false
        Glibc.close(descriptor)
    }

    /// Closes with a reset, as a killed client's kernel does.
    package func abort() {
        var now = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
        close()
    }

    private static func offThread<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
        try await threads.runIfActive(work)
    }
}
