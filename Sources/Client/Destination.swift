package import Core
import Glibc

/// The folder that a pull writes into. Every step into it is taken relative to an open folder
/// and never through a link, so that nothing can be written outside, whatever the paths say and
/// whoever changes the folder meanwhile.
package final class Destination: Sendable {
    package let location: String
    private let top: OpenFile

    /// Makes the folder if there is none.
    package init(_ location: String) throws(HubError) {
        self.location = location
        var made = location.hasPrefix("/") ? "/" : ""
        for part in location.split(separator: "/") {
            made += (made.isEmpty || made.hasSuffix("/") ? "" : "/") + part
            guard mkdir(made, 0o777) == 0 || errno == EEXIST || errno == EISDIR || errno == EROFS else {
                throw SystemFailure.last("cannot make the folder", made)
            }
        }
        top = try OpenFile(location, flags: O_RDONLY | O_DIRECTORY)
    }

    /// An existing folder, for looking only.
    package init(existing location: String) throws(HubError) {
        self.location = location
        top = try OpenFile(location, flags: O_RDONLY | O_DIRECTORY)
    }

    /// The folder with these parts, made on the way where `making`.
    func folder(_ parts: some Sequence<Substring>, making: Bool) throws(HubError) -> OpenFile {
        var current = top
        for part in parts {
            let shown = "\(current.location)/\(part)"
            if making, mkdirat(current.descriptor, String(part), 0o777) != 0, errno != EEXIST {
                throw SystemFailure.last("cannot make the folder", shown)
            }
            let next = openat(current.descriptor, String(part), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard next >= 0 else { throw SystemFailure.last("cannot enter", shown) }
            current = OpenFile(descriptor: next, location: shown)
        }
        return current
    }

    func folder(of path: FilePath, making: Bool) throws(HubError) -> OpenFile {
        try folder(path.parts.dropLast(), making: making)
    }

    /// Where downloads wait until they are verified.
    func incoming() throws(HubError) -> OpenFile {
        try folder([Substring(FolderLock.stateFolder), "incoming"], making: true)
    }

    /// The file at `path`, nil where there is none, or something else than a file.
    func openFile(_ path: FilePath) throws(HubError) -> OpenFile? {
        let parent: OpenFile
        do {
            parent = try folder(of: path, making: false)
        } catch  where error.code == .unknownFile {
            return nil
        }
        return try parent.openFile(String(path.name))
    }
}

/// Steps relative to an open folder; none follows a link.
extension OpenFile {
    /// nil where the name is not taken, or by something else than a regular file.
    func openFile(_ name: String) throws(HubError) -> OpenFile? {
        // O_NONBLOCK: a pipe that stands where a file should must not hold us up.
        let descriptor = openat(self.descriptor, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            if [ENOENT, ELOOP, ENXIO].contains(errno) { return nil }
            throw SystemFailure.last("cannot open", "\(location)/\(name)")
        }
        let file = OpenFile(descriptor: descriptor, location: "\(location)/\(name)")
        return try file.facts().st_mode & S_IFMT == S_IFREG ? file : nil
    }

    func createFile(_ name: String, flags: Int32 = O_RDWR | O_CREAT) throws(HubError) -> OpenFile {
        let descriptor = openat(self.descriptor, name, flags | O_NOFOLLOW | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw SystemFailure.last("cannot write", "\(location)/\(name)") }
        return OpenFile(descriptor: descriptor, location: "\(location)/\(name)")
    }

    func rename(_ name: String, to other: OpenFile, _ newName: String) throws(HubError) {
        guard renameat(descriptor, name, other.descriptor, newName) == 0 else {
            throw SystemFailure.last("cannot put a file at", "\(other.location)/\(newName)")
        }
    }

    /// Absent already is fine.
    func remove(_ name: String, isFolder: Bool = false) throws(HubError) {
        guard unlinkat(descriptor, name, isFolder ? AT_REMOVEDIR : 0) == 0 || errno == ENOENT else {
            throw SystemFailure.last("cannot remove", "\(location)/\(name)")
        }
    }

    /// Gives the bits that a fresh file has here, and those to execute where wanted.
    func setExecutable(_ isExecutable: Bool) throws(HubError) {
        let mode = try facts().st_mode & 0o7777
        // Whoever may read may execute, as git checks files out.
        let wanted = isExecutable ? mode | ((mode & 0o444) >> 2) : mode & ~0o111
        guard wanted == mode || fchmod(descriptor, wanted) == 0 else { throw SystemFailure.last("cannot change the mode of", location) }
    }
}
