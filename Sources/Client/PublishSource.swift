import Core
import Glibc

/// What is published: a folder, one file, or the members of an archive.
package struct PublishSource: Sendable {
    package let files: [LocalFile]
    /// Where archive members wait to be sent; removed when the source is let go.
    private let spool: Spool?

    /// Archives are recognised by their ending.
    package static let archiveEndings = [".tar", ".tar.gz", ".tgz", ".tar.zst", ".tzst", ".tar.xz", ".txz", ".tar.bz2", ".zip"]

    /// Finds the files, in byte order of their paths. With `asIs`, an archive is published as
    /// the one file it is. Blocks while an archive is unpacked; it needs as much temporary space
    /// as the members have.
    package static func open(_ location: String, asIs: Bool = false) async throws -> PublishSource {
        let crew = Crew(count: 1, name: "walk")
        return try await crew.run { _ in try find(location, asIs: asIs) }
    }

    static func find(_ location: String, asIs: Bool) throws -> PublishSource {
        var facts = stat()
        guard stat(location, &facts) == 0 else { throw SystemFailure.last("cannot publish", location) }
        let source: PublishSource
        if facts.st_mode & S_IFMT == S_IFDIR {
            source = PublishSource(files: try WalkFolder.files(in: location), spool: nil)
        } else if !asIs, archiveEndings.contains(where: { location.lowercased().hasSuffix($0) }) {
            let spool = try Spool()
            source = PublishSource(files: try ReadArchive.files(in: location, spool: spool), spool: spool)
        } else {
            let name = location.split(separator: "/").last ?? ""
            source = PublishSource(files: [LocalFile(path: try FilePath(parsing: name), stamp: try FileStamp(at: location))], spool: nil)
        }
        guard !source.files.isEmpty else {
            throw HubError(.invalidRequest, "there is nothing to publish in '\(FilePath.printable(location))'; it holds no file that is not ignored")
        }
        try FilePath.checkTogether(source.files.map(\.path))
        return source
    }
}
