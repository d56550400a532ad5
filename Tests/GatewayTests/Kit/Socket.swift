import Glibc

/// Blocking sockets on the loopback; nothing waits longer than a minute.
enum Socket {
    struct Failure: Error, CustomStringConvertible {
        let call: String
        let code: Int32
        var description: String { "\(call): \(String(cString: strerror(code)))" }
    }

    static func make(receiveBuffer: Int32? = nil) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Failure(call: "socket", code: errno) }
        var wait = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
        if var size = receiveBuffer { setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, 4) }
        atOnce(descriptor)
        return descriptor
    }

    static func atOnce(_ descriptor: Int32) {
        var yes: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, 4)
    }

    static func connect(_ port: Int, receiveBuffer: Int32?) throws -> Int32 {
        let descriptor = try make(receiveBuffer: receiveBuffer)
        guard onLoopback(port, { Glibc.connect(descriptor, $0, $1) }) == 0 else {
            let code = errno
            close(descriptor)
            throw Failure(call: "connect", code: code)
        }
        return descriptor
    }

    /// A listening socket and its port; without `isOpen` the port is taken and refuses everybody.
    static func listen(port: Int = 0, isOpen: Bool = true) throws -> (descriptor: Int32, port: Int) {
        let descriptor = try make()
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, 4)
        var name = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                onLoopback(port, { bind(descriptor, $0, $1) }) == 0 && (!isOpen || Glibc.listen(descriptor, 128) == 0)
                    ? getsockname(descriptor, pointer, &length) : -1
            }
        }
        guard result == 0 else { throw Failure(call: "listen", code: errno) }
        return (descriptor, Int(UInt16(bigEndian: name.sin_port)))
    }

    private static func onLoopback(_ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
    }

    static func send(_ bytes: [UInt8], to descriptor: Int32) throws {
        var done = 0
        try bytes.withUnsafeBytes { all in
            while done < bytes.count, let base = all.baseAddress {
                let sent = Glibc.send(descriptor, base + done, bytes.count - done, Int32(MSG_NOSIGNAL))
                guard sent > 0 else { throw Failure(call: "send", code: errno) }
                done += sent
            }
        }
    }

    static func receive(_ descriptor: Int32, _ limit: Int) throws -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: limit)
        let got = recv(descriptor, &buffer, limit, 0)
        guard got >= 0 else { throw Failure(call: "recv", code: errno) }
        return Array(buffer.prefix(got))
    }

    /// From now on closing sends RST.
    static func lingerNot(_ descriptor: Int32) {
        var now = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
    }
}
