import Core
import Glibc

/// The system calls of this room: each works, or throws a `HubError` that names the call.
enum Disk {
    /// Repeats an interrupted call; throws unless the result is 0 or more.
    @discardableResult
    static func attempt(_ call: StaticString, _ body: () -> Int32) throws(HubError) -> Int32 {
        while true {
            let result = body()
            if result >= 0 { return result }
            let number = errno
            if number != EINTR { throw HubError.system(call, number) }
        }
    }

    /// Like `attempt`, but false where the call failed for the one reason that is expected.
    static func attempt(_ call: StaticString, unless expected: Int32, _ body: () -> Int32) throws(HubError) -> Bool {
        while true {
            if body() >= 0 { return true }
            let number = errno
            if number == expected { return false }
            if number != EINTR { throw HubError.system(call, number) }
        }
    }

    static func open(_ path: String, _ flags: Int32, mode: mode_t = 0) throws(HubError) -> SharedFile {
        SharedFile(owning: try attempt("open") { Glibc.open(path, flags | O_CLOEXEC, mode) })
    }

    /// nil where there is no such file.
    static func openIfPresent(_ path: String, _ flags: Int32 = O_RDONLY) throws(HubError) -> SharedFile? {
        while true {
            let descriptor = Glibc.open(path, flags | O_CLOEXEC)
            if descriptor >= 0 { return SharedFile(owning: descriptor) }
            let number = errno
            if number == ENOENT { return nil }
            if number != EINTR { throw HubError.system("open", number) }
        }
    }

    /// nil where there is no such file.
    static func status(_ path: String) throws(HubError) -> stat? {
        var facts = stat()
        return try attempt("stat", unless: ENOENT) { lstat(path, &facts) } ? facts : nil
    }

    /// Fills `out` from `offset` on; returns less only where the file ends.
    static func read(_ descriptor: CInt, into out: UnsafeMutableRawBufferPointer, at offset: Int64) throws(HubError) -> Int {
        var done = 0
        while done < out.count {
            let count = pread(descriptor, out.baseAddress! + done, out.count - done, off_t(offset) + off_t(done))
            let number = errno
            if count == 0 { break }
            if count > 0 { done += count } else if number != EINTR { throw HubError.system("pread", number) }
        }
        return done
    }

    static func rename(_ from: String, _ to: String) throws(HubError) {
        try attempt("rename") { Glibc.rename(from, to) }
    }

    /// False where there was nothing to remove.
    @discardableResult
    static func remove(_ path: String) throws(HubError) -> Bool {
        try attempt("unlink", unless: ENOENT) { unlink(path) }
    }

    /// False where it was there already.
    @discardableResult
    static func makeFolder(_ path: String, mode: mode_t = 0o755) throws(HubError) -> Bool {
        try attempt("mkdir", unless: EEXIST) { mkdir(path, mode) }
    }

    /// Makes the names in a folder durable.
    static func syncFolder(_ path: String) throws(HubError) {
        let folder = try open(path, O_RDONLY | O_DIRECTORY)
        try attempt("fsync") { fsync(folder.descriptor) }
    }

    /// The names in a folder, in no order; empty where there is no such folder.
    static func names(in path: String) throws(HubError) -> [String] {
        guard let folder = opendir(path) else {
            let number = errno
            if number == ENOENT { return [] }
            throw HubError.system("opendir", number)
        }
        defer { closedir(folder) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(folder) else {
                let number = errno
                if number != 0 { throw HubError.system("readdir", number) }
                return names
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
    }
}

extension stat {
    var modified: Instant {
        Instant(milliseconds: Int64(st_mtim.tv_sec) * 1000 + Int64(st_mtim.tv_nsec) / 1_000_000)
    }
}
