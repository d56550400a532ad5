import Core
import Glibc

/// The system calls on files of this room: each works, or throws a sentence that names the call and the path.
enum Files {
    @discardableResult
    static func attempt(_ call: StaticString, _ path: String, unless expected: Int32 = 0, _ body: () -> Int32) throws(HubError) -> Int32 {
        while true {
            let result = body()
            if result >= 0 { return result }
            let number = errno
            if number == expected { return -1 }
            if number != EINTR { throw failure(call, path, number) }
        }
    }

    static func failure(_ call: StaticString, _ path: String, _ number: Int32) -> HubError {
        let code: HubError.Code = number == ENOSPC || number == EDQUOT ? .storageFull : .unavailable
        return HubError(code, "\(call) of \(path) failed: \(String(cString: strerror(number)))")
    }

    /// Makes the folder and those above it.
    static func makeFolders(_ path: String, mode: mode_t = 0o755) throws(HubError) {
        var facts = stat()
        if stat(path, &facts) == 0 { return }
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex { try makeFolders(String(path[..<slash]), mode: mode) }
        try attempt("mkdir", path, unless: EEXIST) { mkdir(path, mode) }
    }

    static func exists(_ path: String) -> Bool {
        var facts = stat()
        return lstat(path, &facts) == 0
    }

    static func names(in path: String) -> [String] {
        // A folder that is not there, or may not be read, has no names to show.
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    static func kind(_ path: String) -> mode_t? {
        var facts = stat()
        return lstat(path, &facts) == 0 ? facts.st_mode & S_IFMT : nil
    }

    /// Removes a tree, read-only folders too; links are removed, never followed.
    static func removeTree(_ path: String) throws(HubError) {
        guard let kind = kind(path) else { return }
        if kind == S_IFDIR {
            try attempt("chmod", path, unless: ENOENT) { chmod(path, 0o700) }
            for name in names(in: path) { try removeTree("\(path)/\(name)") }
            try attempt("rmdir", path, unless: ENOENT) { rmdir(path) }
        } else {
            try attempt("unlink", path, unless: ENOENT) { unlink(path) }
        }
    }

    /// Takes the right to change anything from every folder of a tree; files keep their own modes, which a
    /// hard link shares with the store.
    static func sealFolders(_ path: String) throws(HubError) {
        for name in names(in: path) where kind("\(path)/\(name)") == S_IFDIR { try sealFolders("\(path)/\(name)") }
        try attempt("chmod", path) { chmod(path, 0o555) }
    }

    /// The bytes appear under their name whole, and on disk, or not at all.
    static func writeSafely(_ bytes: [UInt8], to path: String) throws(HubError) {
        let new = path + ".new"
        let file = try attempt("open", new) { open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600) }
        defer { close(file) }
        var done = 0
        while done < bytes.count {
            done += Int(try attempt("write", new) { Int32(bytes[done...].withUnsafeBytes { write(file, $0.baseAddress, $0.count) }) })
        }
        try attempt("fsync", new) { fsync(file) }
        try attempt("rename", path) { rename(new, path) }
        let folder = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
        let parent = try attempt("open", folder) { open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        defer { close(parent) }
        try attempt("fsync", folder) { fsync(parent) }
    }

    /// At most `limit` bytes; nil where the file cannot be read.
    static func read(_ path: String, limit: Int = 1 << 20) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count < limit {
            let count = Glibc.read(file, &block, min(block.count, limit - bytes.count))
            if count < 0, errno == EINTR { continue }
            if count < 0 { return nil }
            if count == 0 { break }
            bytes += block[..<count]
        }
        return bytes
    }

    /// The path with every link resolved; nil where it does not exist.
    static func real(_ path: String) -> String? {
        guard let found = realpath(path, nil) else { return nil }
        defer { free(found) }
        return String(cString: found)
    }
}
