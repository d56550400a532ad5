import CArchive
import Client
import Core
import Foundation
import Glibc
import Testing

@Suite("Publishing an archive")
struct ArchiveTests {
    struct Member: Sendable {
        var name: String
        var text = "x"
        var link: String?
        var hardLink: String?
        var mode: UInt32 = 0o644
        var isFolder = false
    }

    /// Writes an archive as a stranger would, without asking whether its names are good.
    private func archive(_ members: [Member], as name: String, in folder: TestFolder) -> String {
        let location = "\(folder.path)/\(name)"
        let archive = archive_write_new()
        if name.hasSuffix(".zip") { archive_write_set_format_zip(archive) } else { archive_write_set_format_pax_restricted(archive) }
        if name.hasSuffix("gz") { archive_write_add_filter_gzip(archive) }
        if name.hasSuffix("zst") { archive_write_add_filter_zstd(archive) }
        archive_write_open_filename(archive, location)
        for member in members {
            let entry = archive_entry_new()
            archive_entry_set_pathname_utf8(entry, member.name)
            archive_entry_set_perm(entry, member.mode)
            let hasBytes = member.link == nil && member.hardLink == nil && !member.isFolder
            archive_entry_set_filetype(entry, UInt32(member.link != nil ? Glibc.S_IFLNK : member.isFolder ? Glibc.S_IFDIR : Glibc.S_IFREG))
            if let link = member.link { archive_entry_set_symlink_utf8(entry, link) }
            if let link = member.hardLink { archive_entry_set_hardlink_utf8(entry, link) }
            archive_entry_set_size(entry, hasBytes ? la_int64_t(member.text.utf8.count) : 0)
            archive_write_header(archive, entry)
            if hasBytes { _ = member.text.withCString { archive_write_data(archive, $0, member.text.utf8.count) } }
            archive_entry_free(entry)
        }
        archive_write_close(archive)
        archive_write_free(archive)
        return location
    }

    @Test("every kind of archive is read as the files in it", arguments: ["a.tar", "a.tar.gz", "a.tar.zst", "a.zip"])
    func reads(_ name: String) async throws {
        let folder = try TestFolder()
        let location = archive(
            [
                Member(name: "dir/", isFolder: true), Member(name: "./dir/b", text: "bee", mode: 0o755), Member(name: "a", text: ""),
                Member(name: "__pycache__/c")
            ],
            as: name, in: folder)
        let source = try await PublishSource.open(location)
        #expect(source.files.map(\.path.text) == ["a", "dir/b"])
        #expect(source.files.map(\.stamp.size) == [0, 3])
        #expect(source.files.map(\.isExecutable) == [false, true])
        let hashed = try await HashFiles.hash(source.files, progress: ProgressMeter())
        #expect(hashed[0].digest.hex == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    }

    @Test(
        "an archive made to do harm is refused",
        arguments: [
            [Member(name: "../evil")], [Member(name: "/etc/evil")], [Member(name: "a/../../evil")], [Member(name: "a\\b")],
            [Member(name: "../up/", isFolder: true)], [Member(name: "out", link: "/etc/passwd")], [Member(name: "out", link: "../../etc/passwd")],
            [Member(name: "a/out", link: "../../x")], [Member(name: "out", hardLink: "/etc/passwd")], [Member(name: "loop", link: "loop")],
            [Member(name: "lost", link: "nowhere")], [Member(name: "a"), Member(name: "A")], [Member(name: "a"), Member(name: "a/b")]
        ])
    func refuses(_ members: [Member]) async throws {
        let folder = try TestFolder()
        let location = archive(members, as: "evil.tar", in: folder)
        let error = await #expect(throws: HubError.self) { try await PublishSource.open(location) }
        #expect(error?.code == .invalidPath, "\(String(describing: error))")
    }

    @Test("links inside the archive become the files they lead to")
    func innerLinks() async throws {
        let folder = try TestFolder()
        let location = archive(
            [
                Member(name: "d/link", link: "../real"), Member(name: "hop", link: "d/link"), Member(name: "real", text: "weights"),
                Member(name: "hard", hardLink: "real")
            ],
            as: "links.tar", in: folder)
        let source = try await PublishSource.open(location)
        #expect(source.files.map(\.path.text) == ["d/link", "hard", "hop", "real"])
        #expect(source.files.map(\.stamp.size) == [7, 7, 7, 7])
    }

    @Test("a cut archive is an error, and as one file it is not an archive")
    func cut() async throws {
        let folder = try TestFolder()
        let location = archive([Member(name: "a", text: String(repeating: "0123456789abcdef", count: 4096))], as: "a.tar.gz", in: folder)
        let bytes = try folder.read("a.tar.gz")
        try folder.write(Array(bytes.prefix(bytes.count / 2)), to: "a.tar.gz")
        await #expect(throws: HubError.self) { try await PublishSource.open(location) }
        #expect(try await PublishSource.open(location, asIs: true).files.map(\.path.text) == ["a.tar.gz"])
    }
}
