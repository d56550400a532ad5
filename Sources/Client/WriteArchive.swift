import API
import CArchive
import Core
import Glibc

/// A tar or zip archive that is written from front to back.
///
/// Unchecked: one member after the other, each by the one transfer that fills it.
package final class WriteArchive: @unchecked Sendable {
    package enum Format: Sendable { case tar, zip }

    private let archive: OpaquePointer
    private var isFinished = false

    init(_ format: Format, to descriptor: Int32) throws(HubError) {
        guard let archive = archive_write_new() else { throw HubError(.internalError, "libarchive: no memory left") }
        self.archive = archive
        switch format {
        // Extended headers only where a name or a size needs them.
        case .tar: archive_write_set_format_pax_restricted(archive)
        case .zip:
            archive_write_set_format_zip(archive)
            // Weights hardly shrink, and storing keeps the network the slowest part.
            archive_write_zip_set_compression_store(archive)
        }
        archive_write_set_bytes_in_last_block(archive, 1)
        guard archive_write_open_fd(archive, descriptor) == ARCHIVE_OK else { throw failure() }
    }

    deinit {
        // Freeing would write the end of an archive that has none.
        if !isFinished { archive_write_fail(archive) }
        archive_write_free(archive)
    }

    func begin(_ file: LockedFile, seconds: Int) throws(HubError) {
        try UTF8Locale.scope { () throws(HubError) in
            guard let entry = archive_entry_new() else { throw HubError(.internalError, "libarchive: no memory left") }
            defer { archive_entry_free(entry) }
            archive_entry_set_pathname_utf8(entry, file.path.text)
            archive_entry_set_size(entry, la_int64_t(file.size))
            archive_entry_set_filetype(entry, UInt32(Glibc.S_IFREG))
            archive_entry_set_perm(entry, file.isExecutable ? 0o755 : 0o644)
            archive_entry_set_mtime(entry, time_t(seconds), 0)
            guard archive_write_header(archive, entry) >= ARCHIVE_WARN else { throw failure() }
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(HubError) {
        var rest = bytes
        while !rest.isEmpty {
            let count = archive_write_data(archive, rest.baseAddress, rest.count)
            guard count > 0 else { throw failure() }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    func finish() throws(HubError) {
        guard archive_write_close(archive) == ARCHIVE_OK else { throw failure() }
        isFinished = true
    }

    private func failure() -> HubError {
        let text = archive_error_string(archive).map { String(cString: $0) } ?? "unknown reason"
        return HubError(.unavailable, "the archive cannot be written: \(text)")
    }
}
