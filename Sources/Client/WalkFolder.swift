package import Core
import Glibc

/// A file on this machine that is to be published, and the path it gets.
package struct LocalFile: Hashable, Sendable {
    package let path: FilePath
    package let stamp: FileStamp
    /// As the archive says, where the file comes out of one; else as the file says.
    package let isExecutable: Bool

    init(path: FilePath, stamp: FileStamp, isExecutable: Bool? = nil) {
        self.path = path
        self.stamp = stamp
        self.isExecutable = isExecutable ?? stamp.isExecutable
    }
}

/// Finds the files of a folder in byte order of their paths. Links to files count as the files;
/// links to nothing, links to folders, sockets and devices are refused by name, because leaving
/// them out silently would publish something else than what is there.
package enum WalkFolder {
    package static func files(in folder: String) throws(HubError) -> [LocalFile] {
        let rules = try rules(of: folder)
        var files: [LocalFile] = []
        var folders = [""]
        while let prefix = folders.popLast() {
            for name in try names(in: prefix.isEmpty ? folder : "\(folder)/\(prefix)") {
                let path = prefix.isEmpty ? name : "\(prefix)/\(name)"
                let location = "\(folder)/\(path)"
                var facts = stat()
                guard lstat(location, &facts) == 0 else { throw SystemFailure.last("cannot read", location) }
                let kind = facts.st_mode & S_IFMT
                guard !rules.ignores(path, isFolder: kind == S_IFDIR) else { continue }
                switch kind {
                case S_IFDIR: folders.append(path)
                case S_IFREG:
                    files.append(LocalFile(path: try FilePath(parsing: path), stamp: FileStamp(location: location, facts: facts)))
                case S_IFLNK: files.append(LocalFile(path: try FilePath(parsing: path), stamp: try target(of: location, path)))
                default:
                    throw HubError(
                        .invalidPath,
                        "'\(FilePath.printable(path))' is neither a file nor a folder; remove it or ignore it in \(IgnoreRules.fileName)")
                }
            }
        }
        return files.sorted { $0.path < $1.path }
    }

    private static func rules(of folder: String) throws(HubError) -> IgnoreRules {
        let location = "\(folder)/\(IgnoreRules.fileName)"
        guard access(location, F_OK) == 0 else { return IgnoreRules() }
        let bytes = try OpenFile(reading: location).readAll(limit: 1 << 20)
        return IgnoreRules(text: String(decoding: bytes, as: UTF8.self))
    }

    private static func target(of location: String, _ path: String) throws(HubError) -> FileStamp {
        var facts = stat()
        let wayOut = "replace it by what it points to, or ignore it in \(IgnoreRules.fileName)"
        guard stat(location, &facts) == 0 else {
            throw HubError(.invalidPath, "'\(FilePath.printable(path))' is a link that leads nowhere; \(wayOut)")
        }
        guard facts.st_mode & S_IFMT == S_IFREG else {
            throw HubError(
                .invalidPath, "'\(FilePath.printable(path))' is a link to a folder or device, and only links to files are followed; \(wayOut)")
        }
        return FileStamp(location: location, facts: facts)
    }

    /// The names in one folder, without `.` and `..`.
    static func names(in folder: String) throws(HubError) -> [String] {
        guard let stream = opendir(folder) else { throw SystemFailure.last("cannot read the folder", folder) }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                guard errno == 0 else { throw SystemFailure.last("cannot read the folder", folder) }
                return names
            }
            let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            guard let name = String(validating: bytes, as: UTF8.self) else {
                throw HubError(
                    .invalidPath,
                    "'\(FilePath.printable(folder))' holds a name that is not UTF-8 ('\(FilePath.printable(String(decoding: bytes, as: UTF8.self)))'); rename it"
                )
            }
            if name != ".", name != ".." { names.append(name) }
        }
    }
}
