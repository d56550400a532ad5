package import Core
import Glibc

/// A file as it was when it was looked at. If it is different later, what was hashed is not
/// what would be sent.
package struct FileStamp: Hashable, Sendable {
    /// Where it is on this machine.
    package let location: String
    package let size: Int64
    let modifiedSeconds: Int
    let modifiedNanoseconds: Int
    package let isExecutable: Bool

    /// Follows links. Throws `unknownFile` where there is nothing, `invalidPath` where it is no
    /// regular file.
    package init(at location: String) throws(HubError) {
        var facts = stat()
        guard stat(location, &facts) == 0 else { throw SystemFailure.last("cannot read", location) }
        guard facts.st_mode & S_IFMT == S_IFREG else {
            throw HubError(.invalidPath, "'\(FilePath.printable(location))' is not a regular file")
        }
        self.init(location: location, facts: facts)
    }

    init(location: String, facts: stat) {
        self.location = location
        size = Int64(facts.st_size)
        modifiedSeconds = facts.st_mtim.tv_sec
        modifiedNanoseconds = facts.st_mtim.tv_nsec
        isExecutable = facts.st_mode & 0o100 != 0
    }

    /// Opens it for reading; throws where it is no longer the file that was looked at.
    func open() throws(HubError) -> OpenFile {
        let file = try OpenFile(reading: location)
        try check(file)
        return file
    }

    func check(_ file: OpenFile) throws(HubError) {
        let now = FileStamp(location: location, facts: try file.facts())
        guard now.size == size, now.modifiedSeconds == modifiedSeconds, now.modifiedNanoseconds == modifiedNanoseconds else {
            throw HubError(
                .sizeMismatch,
                "'\(FilePath.printable(location))' was changed while it was being read; wait until nothing writes to it, then publish again")
        }
    }
}
