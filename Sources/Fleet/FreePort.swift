import Core
import Glibc

/// A TCP port of 127.0.0.1 that nobody listens on now. Somebody may take it before the server does: then the
/// server says so, and gets another.
enum FreePort {
    static func pick(except taken: Set<Int>) throws(HubError) -> Int {
        for _ in 0..<64 {
            let port = try ask()
            if !taken.contains(port) { return port }
        }
        throw HubError(.unavailable, "no free port was found on 127.0.0.1")
    }

    private static func ask() throws(HubError) -> Int {
        let descriptor = try Files.attempt("socket", "127.0.0.1") { socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0) }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return try withUnsafeMutablePointer(to: &address) { pointer throws(HubError) in
            let pointer = UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: sockaddr.self)
            try Files.attempt("bind", "127.0.0.1") { bind(descriptor, pointer, length) }
            try Files.attempt("getsockname", "127.0.0.1") { getsockname(descriptor, pointer, &length) }
            return Int(UInt16(bigEndian: UnsafeRawPointer(pointer).assumingMemoryBound(to: sockaddr_in.self).pointee.sin_port))
        }
    }
}
