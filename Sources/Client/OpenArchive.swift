import CArchive
import Core
import Glibc

/// A member of an archive, as its header says.
struct ArchiveMember {
    enum Kind {
        case file, folder, other
        /// Hard links name a path from the top of the archive, others one from their own folder.
        case link(to: String, isHard: Bool)
    }
    let path: String
    let kind: Kind
    let isExecutable: Bool
}

/// A tar or zip archive that is read from front to back.
final class OpenArchive {
    private let archive: OpaquePointer
    private let location: String
    /// Of the current member, 0 where the header does not tell.
    private var sizeInHeader: Int64 = 0

    init(_ location: String) throws(HubError) {
        self.location = location
        guard let archive = archive_read_new() else { throw HubError(.internalError, "libarchive: no memory left") }
        self.archive = archive
        // By name: libarchive's "all" would start other programs for rare formats.
        archive_read_support_filter_gzip(archive)
        archive_read_support_filter_bzip2(archive)
        archive_read_support_filter_xz(archive)
        archive_read_support_filter_zstd(archive)
        archive_read_support_format_tar(archive)
        archive_read_support_format_gnutar(archive)
        archive_read_support_format_zip(archive)
        guard archive_read_open_filename(archive, location, 1 << 20) == ARCHIVE_OK else { throw failure("cannot be read as an archive") }
    }

    deinit { archive_read_free(archive) }

    /// The next member, nil at the end.
    func next() throws(HubError) -> ArchiveMember? {
        var entry: OpaquePointer?
        let code = archive_read_next_header(archive, &entry)
        if code == ARCHIVE_EOF { return nil }
        guard code == ARCHIVE_OK || code == ARCHIVE_WARN, let entry else { throw failure("is damaged") }
        guard archive_entry_is_encrypted(entry) == 0 else {
            throw HubError(.invalidRequest, "'\(FilePath.printable(location))' is encrypted; unpack it first")
        }
        guard let name = archive_entry_pathname_utf8(entry) else {
            throw HubError(.invalidPath, "'\(FilePath.printable(location))' has a member whose name is not UTF-8; pack it again with UTF-8 names")
        }
        var path = String(cString: name)
        let kind = kind(of: entry)
        sizeInHeader = archive_entry_size_is_set(entry) != 0 ? Int64(archive_entry_size(entry)) : 0
        // "tar -C folder ." writes "./a"; that is "a".
        while path.hasPrefix("./") { path.removeFirst(2) }
        if case .folder = kind {
            // Folders are implied by their files, yet one that climbs out tells of an archive
            // made to do harm.
            let parts = path.split(separator: "/")
            guard !path.hasPrefix("/"), !parts.contains("..") else {
                throw HubError(.invalidPath, "the archive member '\(FilePath.printable(path))' leads out of the archive; such archives are refused")
            }
        }
        return ArchiveMember(path: path, kind: kind, isExecutable: archive_entry_perm(entry) & 0o100 != 0)
    }

    private func kind(of entry: OpaquePointer) -> ArchiveMember.Kind {
        if let target = archive_entry_hardlink(entry) { return .link(to: Self.plain(target), isHard: true) }
        switch archive_entry_filetype(entry) {
        case S_IFREG: return .file
        case S_IFDIR: return .folder
        case S_IFLNK: return .link(to: archive_entry_symlink(entry).map(Self.plain) ?? "", isHard: false)
        default: return .other
        }
    }

    private static func plain(_ text: UnsafePointer<CChar>) -> String { String(cString: text) }

    /// Writes the bytes of the current member to a new file.
    func copy(to target: String, member: String) throws(HubError) {
        let file = try OpenFile(target, flags: O_RDWR | O_CREAT | O_EXCL, mode: 0o600)
        var end: Int64 = 0
        while true {
            var block: UnsafeRawPointer?
            var count = 0
            var offset: la_int64_t = 0
            let code = archive_read_data_block(archive, &block, &count, &offset)
            if code == ARCHIVE_EOF { break }
            guard code == ARCHIVE_OK else { throw failure("is damaged at '\(FilePath.printable(member))'") }
            try file.write(UnsafeRawBufferPointer(start: block, count: count), at: Int64(offset))
            end = max(end, Int64(offset) + Int64(count))
        }
        // A sparse member ends in a hole that no block covers.
        let size = max(end, sizeInHeader)
        guard ftruncate(file.descriptor, off_t(size)) == 0 else { throw SystemFailure.last("cannot write", target) }
    }

    private func failure(_ what: String) -> HubError {
        let text = archive_error_string(archive).map { String(cString: $0) } ?? "unknown reason"
        return HubError(.invalidRequest, "'\(FilePath.printable(location))' \(what): \(FilePath.printable(text))")
    }
}
